import { describe, expect, it } from "vitest";
import { expiryOf } from "./expiry";

describe("the end of a key", () => {
  const now = new Date("2026-01-15T09:30:00Z");

  it("comes after so many days, or never", () => {
    expect(expiryOf("30", undefined, now)).toBe("2026-02-14T09:30:00.000Z");
    expect(expiryOf("never", "2026-02-01", now)).toBeNull();
  });

  it("comes when the chosen day is over", () => {
    const end = new Date(expiryOf("day", "2026-02-01", now) ?? "");
    expect([end.getFullYear(), end.getMonth() + 1, end.getDate(), end.getHours()]).toEqual([2026, 2, 2, 0]);
    expect(expiryOf("day", undefined, now)).toBeNull();
  });
});
