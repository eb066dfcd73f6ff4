/** What somebody should look at now, the gravest first. */
import type { LinkProps } from "@tanstack/react-router";
import type { Schema } from "@/api";

type Overview = Schema<"OverviewOut">;

export interface Concern {
  id: "unreachable" | "full" | "broken" | "failing" | "given_up" | "stuck" | "warm_pool";
  grave: boolean;
  count: number;
  /** Which servers. */
  names: string[];
  link: LinkProps | undefined;
}

const DAY_MS = 86_400_000;

export function concernsOf({ at, tenants, operations, servers, warm_pool }: Overview): Concern[] {
  const to = "/operator/operations";
  const unreachable = servers.filter((server) => server.is_reachable === false).map(({ name }) => name);
  const full = servers
    .filter((server) => server.state === "full" || server.tenants >= server.max_tenants)
    .map(({ name }) => name);
  const since = new Date(Date.parse(at) - DAY_MS).toISOString();
  const missing = warm_pool.target - warm_pool.ready - warm_pool.preparing;
  const all: Concern[] = [
    { id: "unreachable", grave: true, count: unreachable.length, names: unreachable, link: undefined },
    {
      id: "broken",
      grave: true,
      count: tenants.broken ?? 0,
      names: [],
      link: { to: "/operator/tenants", search: { state: "broken" } },
    },
    { id: "failing", grave: true, count: operations.failing, names: [], link: { to, search: { is_failing: "true" } } },
    { id: "stuck", grave: false, count: operations.stuck, names: [], link: { to, search: { is_stuck: "true" } } },
    {
      id: "given_up",
      grave: false,
      count: operations.given_up,
      names: [],
      link: { to, search: { state: "failed,undone", "finished_at[gte]": since } },
    },
    { id: "full", grave: false, count: full.length, names: full, link: undefined },
    { id: "warm_pool", grave: false, count: Math.max(0, missing), names: [], link: undefined },
  ];
  return all.filter(({ count }) => count > 0);
}
