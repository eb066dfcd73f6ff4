import { describe, expect, it } from "vitest";
import { isScheduled, standingOf } from "./standing";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const operation = {
  kind: "provision",
  state: "running",
  direction: "forward",
  due_at: "2026-03-01T11:00:00Z",
  is_failing: false,
  step: "database",
  steps: 8,
  steps_done: 1,
};

describe("how an operation stands", () => {
  it.each([
    ["running", {}],
    ["pending", { state: "pending" }],
    ["failing", { is_failing: true, due_at: "2026-03-01T12:05:00Z" }],
    ["undoing", { direction: "undo" }],
    ["failing", { direction: "undo", is_failing: true }],
    ["scheduled", { state: "pending", due_at: "2026-03-08T12:00:00Z" }],
    ["undone", { state: "undone", direction: "undo" }],
    ["recalled", { kind: "delete", state: "undone" }],
    ["succeeded", { state: "succeeded", due_at: "2026-03-08T12:00:00Z" }],
    ["paused", { state: "paused" }],
  ])("%s: %o", (standing, change) => {
    expect(standingOf({ ...operation, ...change }, NOW)).toBe(standing);
  });

  it("waits for its time only before it", () => {
    expect(isScheduled({ state: "pending", due_at: "2026-03-01T11:59:59Z" }, NOW)).toBe(false);
  });
});
