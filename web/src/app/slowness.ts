/** Whether something is being read or sent for longer than people wait without wondering. Polling is many short reads, not a long one. */
import type { Mutation, Query, QueryClient } from "@tanstack/react-query";

export const SLOW_MS = 5_000;

export function slowness(queries: QueryClient) {
  const since = new WeakMap<Query | Mutation, { turn: string; at: number }>();
  /** Looks now; to be asked every second or so. */
  return function isSlow(now: number): boolean {
    const under = [
      ...queries
        .getQueryCache()
        .findAll({ fetchStatus: "fetching" })
        .map((query) => ({ of: query, turn: `${query.state.dataUpdateCount} ${query.state.errorUpdateCount}` })),
      ...queries
        .getMutationCache()
        .findAll({ status: "pending" })
        .map((mutation) => ({ of: mutation, turn: String(mutation.state.submittedAt) })),
    ];
    let slow = false;
    for (const { of, turn } of under as { of: Query | Mutation; turn: string }[]) {
      const known = since.get(of);
      if (known?.turn === turn) slow ||= now - known.at > SLOW_MS;
      else since.set(of, { turn, at: now });
    }
    return slow;
  };
}
