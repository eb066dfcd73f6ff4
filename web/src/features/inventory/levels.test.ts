import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { ApiProblem } from "@/api";
import { conflictOf, corrected, deltaOf, type Level, showLevel } from "./levels";

const level = (id: string, onHand: string, available = onHand) => ({ id, on_hand: onHand, available }) as Level;

describe("what somebody typed about a level", () => {
  it("is a change, or a count that becomes one", () => {
    expect(deltaOf({ mode: "change", value: "-2.50" }, "12")).toBe("-2.5");
    expect(deltaOf({ mode: "count", value: "10" }, "12.25")).toBe("-2.25");
    expect(deltaOf({ mode: "count", value: "0.3" }, "0.1")).toBe("0.2");
  });

  it("is nothing where it changes nothing", () => {
    expect(deltaOf({ mode: "change", value: "0" }, "12")).toBeUndefined();
    expect(deltaOf({ mode: "count", value: "12" }, "12.000000")).toBeUndefined();
  });
});

describe("a level that was corrected", () => {
  it("keeps back what is kept back", () => {
    expect(corrected(level("a", "12", "9.5"), "10")).toMatchObject({ on_hand: "10", available: "7.5" });
  });

  it("is shown in every list that has it, and the others are left alone", () => {
    const queries = new QueryClient();
    const pages = { pages: [{ data: [level("a", "1"), level("b", "2")] }], pageParams: [""] };
    queries.setQueryData(["/api/v1/inventory", "list", 1], pages);
    queries.setQueryData(["/api/v1/inventory", "total", 1], { total: 2 });
    showLevel(queries, "b", (one) => corrected(one, "5"));
    const shown = queries.getQueryData<typeof pages>(["/api/v1/inventory", "list", 1]);
    expect(shown?.pages[0]?.data.map((one) => one.on_hand)).toEqual(["1", "5"]);
    expect(shown?.pages[0]?.data[0]).toBe(pages.pages[0]?.data[0]);
    expect(queries.getQueryData(["/api/v1/inventory", "total", 1])).toEqual({ total: 2 });
  });
});

describe("a level that is not as expected", () => {
  const refused = (code: string, details: unknown) => new ApiProblem(code, "", 409, "r", details, undefined);

  it("tells how it is now and what changed it last", () => {
    const line = {
      on_hand: "7",
      available: "6",
      last_movement: { delta: "-5", reason: "issue", actor_kind: "user", actor_id: "u", recorded_at: "2026-01-01" },
    };
    expect(conflictOf(refused("STOCK_CHANGED", { lines: [line] }))).toEqual({
      onHand: "7",
      available: "6",
      last: { delta: "-5", reason: "issue", actorKind: "user", actorId: "u", at: "2026-01-01" },
    });
  });

  it("may not know what did it, and other refusals are no conflict", () => {
    expect(conflictOf(refused("STOCK_CHANGED", { lines: [{ on_hand: "7" }] }))?.last).toBeUndefined();
    expect(conflictOf(refused("STOCK_CHANGED", undefined))).toBeUndefined();
    expect(conflictOf(refused("INSUFFICIENT_STOCK", { lines: [{ on_hand: "7" }] }))).toBeUndefined();
  });
});
