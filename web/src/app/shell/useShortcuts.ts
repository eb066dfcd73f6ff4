/**
 * Keys of the whole shell: Ctrl/⌘K palette, ? sheet, / search of the page, and the features' sequences (g p). Never while
 * somebody types in a field; those without Ctrl or ⌘ only while they are turned on.
 */
import { useRouter } from "@tanstack/react-router";
import { useLayoutEffect, useRef } from "react";
import { toast } from "@/ui/toast";
import { type Command, contextOf, isAllowed, readCommands } from "../registry";
import { keyOf } from "./keys";
import { singleKeys } from "./single-keys";

interface Options {
  area: "workspace" | "operator";
  can: (permission: string) => boolean;
  /** Palette or sheet is open, or on its way: what is typed is meant for it. */
  isPaused: boolean;
  openPalette: () => void;
  openSheet: () => void;
}

const SEQUENCE_MS = 1_200;

export function useShortcuts(options: Options) {
  const router = useRouter();
  const latest = useRef(options);
  latest.current = options;
  // With the first frame: who sees the page may press.
  useLayoutEffect(() => {
    let pressed: { key: string; at: number } | undefined;
    const listen = async (event: KeyboardEvent) => {
      const { area, can, isPaused, openPalette, openSheet } = latest.current;
      const key = keyOf(event);
      if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && key === "k") {
        event.preventDefault();
        return openPalette();
      }
      const target = event.target as Element | null;
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented || isPaused || !singleKeys()) return;
      if (
        target?.closest(
          "input:not([type=checkbox]), textarea, select, [contenteditable], [role=dialog], [role=menu], [role=listbox]",
        )
      )
        return;
      if (key === "?") return openSheet();
      if (key === "/") {
        const field = document.querySelector<HTMLInputElement>('[data-shortcut="/"]');
        if (!field) return;
        event.preventDefault();
        return field.focus();
      }
      const before = pressed && event.timeStamp - pressed.at < SEQUENCE_MS ? pressed.key : undefined;
      pressed = key.length === 1 ? { key, at: event.timeStamp } : undefined;
      if (!before) return;
      let commands: Command[];
      try {
        ({ commands } = await readCommands());
      } catch (problem) {
        toast.problem(problem);
        return;
      }
      const command = commands.find(
        (one) => one.keys?.[0] === before && one.keys[1] === key && isAllowed(one, area, can),
      );
      if (!command) return;
      pressed = undefined;
      command.run(contextOf(router));
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [router]);
}
