/** Whether one key alone does something (?, /, g p): who dictates, or hits keys by accident, turns it off. Kept on this device. */
import { useSyncExternalStore } from "react";

const KEPT = "nexus.single_keys";
const watchers = new Set<() => void>();

export function singleKeys(): boolean {
  return localStorage.getItem(KEPT) !== "off";
}

export function turnSingleKeys(on: boolean) {
  if (on) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, "off");
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(subscribe, singleKeys);
}
