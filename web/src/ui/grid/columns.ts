/** Columns of a grid: what features say of them, and what each person made of them (kept on this device). */
import type { ReactNode } from "react";
import { useCallback, useSyncExternalStore } from "react";

export interface GridColumn<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** The API's sort key, where the list can be sorted by it. */
  sort?: string;
  align?: "start" | "end";
  /** Pixels. */
  width?: number;
  minWidth?: number;
  /** Takes what room is left. One column should. */
  grows?: boolean;
  /** Not shown until it is chosen. */
  isHidden?: boolean;
  /** Always shown. */
  isFixed?: boolean;
}

export interface ColumnChoice {
  widths: Record<string, number>;
  shown: Record<string, boolean>;
}

/** Where a grid that has a look for it shows its rows without a header. */
export const NARROW_SCREEN = "(max-width: 39.99rem)";

/** The first of the sort keys that an address or a default has. */
export function orderOf(sort: string | undefined): { key: string; isDescending: boolean } {
  const first = sort?.split(",")[0] ?? "";
  return { key: first.replace(/^-/, ""), isDescending: first.startsWith("-") };
}

/** One for all parts of a page that show the same grid: the grid itself and its menu of columns. */
const choices = new Map<string, ColumnChoice>();
const watchers = new Set<() => void>();

function subscribe(watcher: () => void) {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useColumnChoice(grid: string): [ColumnChoice, (change: Partial<ColumnChoice>) => void] {
  const choice = useSyncExternalStore(subscribe, () => current(grid));
  const change = useCallback(
    (next: Partial<ColumnChoice>) => {
      const after = { ...current(grid), ...next };
      choices.set(grid, after);
      localStorage.setItem(`nexus.grid.${grid}`, JSON.stringify(after));
      for (const watcher of watchers) watcher();
    },
    [grid],
  );
  return [choice, change];
}

function current(grid: string): ColumnChoice {
  let choice = choices.get(grid);
  if (!choice) {
    choice = read(`nexus.grid.${grid}`);
    choices.set(grid, choice);
  }
  return choice;
}

function read(key: string): ColumnChoice {
  try {
    return { widths: {}, shown: {}, ...JSON.parse(localStorage.getItem(key) ?? "{}") };
  } catch {
    return { widths: {}, shown: {} };
  }
}
