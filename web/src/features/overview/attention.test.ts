import { describe, expect, it } from "vitest";
import type { Schema } from "@/api";
import { concernsOf } from "./attention";

const calm: Schema<"OverviewOut"> = {
  at: "2026-03-02T12:00:00Z",
  tenants: { active: 41 },
  operations: { running: 2, scheduled: 1, failing: 0, stuck: 0, given_up: 0 },
  warm_pool: { target: 3, ready: 2, preparing: 1, draining: 0 },
  sign_ups: [],
  servers: [{ name: "primary", state: "open", tenants: 41, max_tenants: 1000, is_reachable: true }],
};

describe("what needs attention", () => {
  it("is nothing while all is well, and what is unknown is no alarm", () => {
    expect(concernsOf(calm)).toEqual([]);
    expect(concernsOf({ ...calm, servers: [{ name: "far", state: "open", tenants: 0, max_tenants: 9 }] })).toEqual([]);
  });

  it("tells each concern once, the gravest first", () => {
    const concerns = concernsOf({
      ...calm,
      tenants: { active: 40, broken: 1 },
      operations: { running: 2, scheduled: 0, failing: 1, stuck: 1, given_up: 2 },
      warm_pool: { target: 3, ready: 0, preparing: 1, draining: 0 },
      servers: [
        { name: "primary", state: "open", tenants: 1000, max_tenants: 1000, is_reachable: true },
        { name: "second", state: "open", tenants: 3, max_tenants: 1000, is_reachable: false },
      ],
    });
    expect(concerns.map(({ id, count }) => [id, count])).toEqual([
      ["unreachable", 1],
      ["broken", 1],
      ["failing", 1],
      ["stuck", 1],
      ["given_up", 2],
      ["full", 1],
      ["warm_pool", 2],
    ]);
    expect(concerns[4]?.link?.search).toEqual({
      state: "failed,undone",
      "finished_at[gte]": "2026-03-01T12:00:00.000Z",
    });
  });
});
