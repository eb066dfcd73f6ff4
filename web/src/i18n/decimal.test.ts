import { describe, expect, it } from "vitest";
import { decimal } from "./decimal";
import { formatsOf } from "./formats";

describe("decimals", () => {
  it("add up where floats would not", () => {
    expect(decimal.add("0.1", "0.2")).toBe("0.3");
    expect(decimal.sum(Array.from({ length: 10 }, () => "0.1"))).toBe("1");
  });

  it("keep every digit of the largest quantity there is", () => {
    expect(decimal.add("99999999999999.999998", "0.000001")).toBe("99999999999999.999999");
    expect(decimal.subtract("0", "99999999999999.999999")).toBe("-99999999999999.999999");
  });

  it("lose needless zeros, not needed ones", () => {
    expect(decimal.trim("100.500000")).toBe("100.5");
    expect(decimal.trim("-0.000")).toBe("0");
    expect(decimal.trim("1000")).toBe("1000");
  });

  it("compare by value, not by text", () => {
    expect(decimal.compare("10", "9")).toBeGreaterThan(0);
    expect(decimal.compare("1.50", "1.5")).toBe(0);
    expect(decimal.sign("-0.000001")).toBeLessThan(0);
  });

  it("refuse what is no decimal", () => {
    expect(() => decimal.add("1e3", "1")).toThrow(RangeError);
    expect(() => decimal.trim("")).toThrow(RangeError);
  });
});

describe("formats", () => {
  it("show a quantity exactly, however large", () => {
    expect(formatsOf("en").quantity("99999999999999.999999", "kg")).toBe("99,999,999,999,999.999999 kg");
    expect(formatsOf("de").quantity("1234.500000", "kg")).toBe("1.234,5 kg");
  });

  it("write money to the minor unit of its currency", () => {
    expect(formatsOf("en-US").money({ amount: "1234.5", currency: "EUR" })).toBe("€1,234.50");
    expect(formatsOf("en-US").money({ amount: "1234", currency: "JPY" })).toBe("¥1,234");
  });

  it("say how long ago, and the date beyond a week", () => {
    const now = new Date("2026-01-15T12:00:00Z");
    expect(formatsOf("en").ago("2026-01-15T11:57:00Z", now)).toBe("3 minutes ago");
    expect(formatsOf("en").ago("2026-01-14T12:00:00Z", now)).toBe("yesterday");
    expect(formatsOf("en").ago("2026-01-01T12:00:00Z", now)).toBe("Jan 1, 2026");
  });

  it("use Latin digits in Arabic, as papers and codes do", () => {
    expect(formatsOf("ar-u-nu-latn").number(1234)).toMatch(/1.234/);
  });
});
