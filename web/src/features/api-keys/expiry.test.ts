import { describe, expect, it } from "vitest";
import { expiryOf, firstDay, newKeySchema } from "./expiry";

describe("the end of a key", () => {
  const now = new Date("2026-01-15T09:30:00Z");

  it("comes after so many days, or never", () => {
    expect(expiryOf("30", undefined, now)).toBe("2026-02-14T09:30:00.000Z");
    expect(expiryOf("never", "2026-02-01", now)).toBeNull();
  });

  it("comes when the chosen day is over", () => {
    const end = new Date(expiryOf("day", "2026-02-01", now) ?? "");
    expect([end.getFullYear(), end.getMonth() + 1, end.getDate(), end.getHours()]).toEqual([2026, 2, 2, 0]);
  });

  it("is never left open where a day was to be chosen", () => {
    expect(() => expiryOf("day", undefined, now)).toThrow();
    expect(() => expiryOf("day", "", now)).toThrow();
  });

  it("is on a day to come", () => {
    const faults = (term: string, day?: string) =>
      newKeySchema
        .safeParse({ name: "Shop", scopes: ["products.read"], term, day })
        .error?.issues.map(({ path }) => path.join(".")) ?? [];
    expect(faults("day")).toEqual(["day"]);
    expect(faults("day", "2020-01-01")).toEqual(["day"]);
    expect(faults("day", firstDay())).toEqual([]);
    expect(faults("never")).toEqual([]);
    expect(firstDay(new Date(2026, 0, 31, 23))).toBe("2026-02-01");
  });
});
