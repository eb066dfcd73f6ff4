import { describe, expect, it } from "vitest";
import { patchOf, same } from "./patch";

describe("what somebody changed", () => {
  it("names the fields that differ and no others", () => {
    const before = { name: "Espresso", brand: "Harbour", tags: ["bean"] };
    expect(patchOf(before, { ...before, name: "Espresso, dark" })).toEqual({ name: "Espresso, dark" });
    expect(patchOf(before, { ...before, tags: ["bean"] })).toEqual({});
  });

  it("clears by null, and lists by an empty list", () => {
    const before: { brand?: string; tags: string[] } = { brand: "Harbour", tags: ["bean"] };
    expect(patchOf(before, { tags: ["bean"] })).toEqual({ brand: null });
    expect(patchOf(before, { brand: "Harbour", tags: [] })).toEqual({ tags: [] });
  });

  it("takes money, barcodes and attributes as wholes", () => {
    const before = { price: { amount: "1.50", currency: "EUR" }, attributes: { size: "1 kg" } };
    const after = { price: { amount: "1.60", currency: "EUR" }, attributes: { size: "1 kg", roast: "dark" } };
    expect(patchOf(before, after)).toEqual(after);
  });
});

describe("the same", () => {
  it.each([
    [undefined, null, true],
    ["", undefined, true],
    [[], undefined, true],
    [{ city: undefined }, null, true],
    ["a", "b", false],
    [["a", "b"], ["b", "a"], false],
    [{ a: { b: 1 } }, { a: { b: 1 } }, true],
    ["0", 0, false],
  ])("%j and %j: %s", (a, b, expected) => {
    expect(same(a, b)).toBe(expected);
  });
});
