import { describe, expect, it } from "vitest";
import { parseDecimal } from "./decimal-text";

describe("a number as people type it", () => {
  it.each([
    ["1,234.5", "en", "1234.5"],
    ["1.234,5", "de", "1234.5"],
    ["12,5", "de", "12.5"],
    ["12.5", "de", "12.5"],
    ["12,5", "en", "12.5"],
    ["1.234", "de", "1234"],
    ["1,234", "en", "1234"],
    ["0,125", "en", "0.125"],
    ["−3", "en", "-3"],
    ["+7", "en", "7"],
    ["007.500", "en", "7.5"],
    ["١٢٫٥", "ar-u-nu-latn", "12.5"],
    [" 1 000 ", "en", "1000"],
    ["-0", "en", "0"],
  ])("%s in %s is %s", (typed, tag, value) => {
    expect(parseDecimal(typed, tag)).toBe(value);
  });

  it.each(["", "-", ".", "abc", "1e3", "1.2.3,4", "--1", "NaN"])("%s is none", (typed) => {
    expect(parseDecimal(typed, "en")).toBeUndefined();
  });
});
