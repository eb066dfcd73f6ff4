import { afterEach, describe, expect, it } from "vitest";
import { DAY, dayOf, isYearWhole, startOf } from "./period";

const zone = process.env.TZ;
afterEach(() => {
  process.env.TZ = zone;
});

describe.each(["UTC", "Europe/Vienna", "America/New_York", "Asia/Kolkata"])("days in %s", (tz) => {
  // The clocks change on these in one zone or the other.
  it.each(["2026-01-15", "2026-03-08", "2026-03-29", "2026-10-25", "2026-11-01", "2026-12-31", "0002-01-15"])(
    "%s begins, ends and comes back",
    (day) => {
      process.env.TZ = tz;
      expect(dayOf(startOf(day))).toBe(day);
      expect(dayOf(startOf(day, DAY), -DAY)).toBe(day);
      expect(new Date(startOf(day) ?? "").getHours()).toBe(0);
    },
  );
});

describe("a period from an address", () => {
  it("is none where it is no time", () => {
    expect(dayOf("nonsense")).toBeUndefined();
    expect(dayOf(undefined)).toBeUndefined();
    expect(startOf("")).toBeUndefined();
  });
});

it("a year on its way is not whole", () => {
  expect(["0002-01-15", "0020-01-15", "0202-01-15", "2026-01-15"].map(isYearWhole)).toEqual([
    false,
    false,
    false,
    true,
  ]);
});
