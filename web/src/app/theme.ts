/** Light, dark, or as the system has it; kept on this device. */
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEPT = "nexus.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const watchers = new Set<() => void>();

export function theme(): Theme {
  const kept = localStorage.getItem(KEPT);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function apply() {
  const chosen = theme();
  document.documentElement.dataset.theme = chosen === "system" ? (system.matches ? "dark" : "light") : chosen;
}

export function changeTheme(next: Theme) {
  if (next === "system") localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, next);
  apply();
  for (const watcher of watchers) watcher();
}

/** Called before anything is painted. */
export function startTheme() {
  apply();
  system.addEventListener("change", apply);
}

function subscribe(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, theme);
}
