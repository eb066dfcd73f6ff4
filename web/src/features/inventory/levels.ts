/** Levels that are shown, and corrections on their way: shown at once, marked, taken back when they are refused. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import type { ApiProblem, Schema } from "@/api";
import { decimal } from "@/i18n/decimal";

export type Level = Schema<"LevelOut">;

/** What becomes of levels, by their ids, until the server has answered. */
let underWay: ReadonlyMap<string, string> = new Map();
const watchers = new Set<() => void>();

export const corrections = {
  begin(levelId: string, onHand: string) {
    put(new Map(underWay).set(levelId, onHand));
  },
  end(levelId: string) {
    const next = new Map(underWay);
    next.delete(levelId);
    put(next);
  },
  subscribe(watcher: () => void) {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
};

function put(next: ReadonlyMap<string, string>) {
  underWay = next;
  for (const watcher of watchers) watcher();
}

/** What will be on hand of a level once its correction, which was sent, is answered. */
export function useCorrection(levelId: string): string | undefined {
  return useSyncExternalStore(corrections.subscribe, () => underWay.get(levelId));
}

/** Puts a level's new state into every list that shows it, before they are read again. */
export function showLevel(queries: QueryClient, levelId: string, change: (level: Level) => Level) {
  type Pages = InfiniteData<{ data: Level[] }>;
  queries.setQueriesData<Pages>({ queryKey: ["/api/v1/inventory", "list"] }, (all) =>
    all?.pages
      ? {
          ...all,
          pages: all.pages.map((page) => ({
            ...page,
            data: page.data.map((level) => (level.id === levelId ? change(level) : level)),
          })),
        }
      : all,
  );
}

/** A level after so much was added to what is on hand: what is kept back stays kept back. */
export function corrected(level: Level, onHand: string): Level {
  const delta = decimal.subtract(onHand, level.on_hand);
  return { ...level, on_hand: onHand, available: decimal.add(level.available, delta) };
}

/** A level that was not as expected, as the refusal tells it. */
export interface StockConflict {
  onHand: string;
  available: string;
  last: { delta: string; reason: string; actorKind: string; actorId: string | undefined; at: string } | undefined;
}

export function conflictOf(problem: ApiProblem): StockConflict | undefined {
  if (problem.code !== "STOCK_CHANGED") return undefined;
  const [line] = (problem.details as { lines?: Record<string, unknown>[] } | undefined)?.lines ?? [];
  if (typeof line?.on_hand !== "string") return undefined;
  const last = line.last_movement as Record<string, string> | null | undefined;
  return {
    onHand: line.on_hand,
    available: typeof line.available === "string" ? line.available : line.on_hand,
    last: last?.delta
      ? {
          delta: last.delta,
          reason: last.reason ?? "other",
          actorKind: last.actor_kind ?? "user",
          actorId: last.actor_id ?? undefined,
          at: last.recorded_at ?? "",
        }
      : undefined,
  };
}

/** What somebody typed about a level: so much more or less, or what was counted. */
export interface Intent {
  mode: "change" | "count";
  value: string;
}

/** What is added to a level of `onHand`; undefined where that changes nothing. */
export function deltaOf({ mode, value }: Intent, onHand: string): string | undefined {
  const delta = mode === "change" ? decimal.trim(value) : decimal.subtract(value, onHand);
  return decimal.sign(delta) === 0 ? undefined : delta;
}
