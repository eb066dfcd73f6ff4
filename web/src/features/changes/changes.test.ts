import { describe, expect, it } from "vitest";
import { changesOf } from "./changes";

describe("an entry of the audit log", () => {
  it("tells the fields that differ, for people", () => {
    const entry = {
      before: { id: "1", version: 1, price: { amount: "1.50", currency: "EUR" }, tags: ["a"], brand: null },
      after: { version: 2, price: { amount: "1.60", currency: "EUR" }, tags: ["a", "b"], brand: "Harbour" },
    };
    expect(changesOf(entry)).toEqual([
      { field: "price", before: "1.50 EUR", after: "1.60 EUR" },
      { field: "tags", before: "a", after: "a, b" },
      { field: "brand", before: "", after: "Harbour" },
    ]);
  });

  it("lists nothing of what was made or deleted", () => {
    expect(changesOf({ before: null, after: { name: "New" } })).toEqual([]);
    expect(changesOf({ before: { name: "Old" }, after: null })).toEqual([]);
  });
});
