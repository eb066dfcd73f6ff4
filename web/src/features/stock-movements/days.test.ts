import { describe, expect, it } from "vitest";
import { dayIn, dayOf, startOf } from "./days";

describe("days of a filter", () => {
  it("begin at midnight here, and end with the first moment of the next", () => {
    const from = startOf("2026-03-31");
    const until = startOf("2026-03-31", 1);
    expect(new Date(from ?? "").getHours()).toBe(0);
    expect(dayIn(from)).toBe("2026-03-31");
    expect(dayIn(until, true)).toBe("2026-03-31");
    expect(dayIn(until)).toBe("2026-04-01");
  });

  it("are none where nothing or nonsense is given", () => {
    expect(startOf("")).toBeUndefined();
    expect(startOf("31.3.2026")).toBeUndefined();
    expect(dayIn("nonsense")).toBe("");
    expect(dayOf(new Date(2026, 0, 5))).toBe("2026-01-05");
  });
});
