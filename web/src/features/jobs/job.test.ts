import { describe, expect, it } from "vitest";
import { errorCount, faultOf, figuresOf, fractionOf, goesOn, ignoredColumns, isDryRun } from "./job";

describe("a job", () => {
  it("goes on until it has ended, however it ended", () => {
    expect(["queued", "running", "succeeded", "failed", "cancelled", "new"].map((state) => goesOn({ state }))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("is as far as it says, and as far as anybody knows", () => {
    expect(fractionOf({ state: "running", progress: { done: 250, total: 1000 } })).toBe(0.25);
    expect(fractionOf({ state: "running", progress: { done: 3 } })).toBeUndefined();
    expect(fractionOf({ state: "succeeded", progress: { done: 0 } })).toBe(1);
    expect(fractionOf({ state: "running", progress: { done: 12, total: 10 } })).toBe(1);
  });

  it("tells figures that say something, in their order", () => {
    const summary = { errors: 0, rows: 10, created: 0, updated: 3, dry_run: true, ignored_columns: ["x", 1], new: 5 };
    expect(figuresOf({ summary })).toEqual([
      { figure: "rows", value: "10" },
      { figure: "created", value: "0" },
      { figure: "updated", value: "3" },
    ]);
    expect(isDryRun({ summary })).toBe(true);
    expect(ignoredColumns({ summary })).toEqual(["x"]);
    expect(errorCount({ summary: null })).toBe(0);
  });

  it("failed for a reason, by its code where it has one", () => {
    expect(faultOf("IMPORT_EMPTY: There are no rows.")).toEqual({
      code: "IMPORT_EMPTY",
      message: "There are no rows.",
    });
    expect(faultOf("connection: closed")).toEqual({ code: undefined, message: "connection: closed" });
  });
});
