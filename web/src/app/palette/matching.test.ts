import { describe, expect, it } from "vitest";
import { fits, ranked } from "./matching";

describe("the palette", () => {
  it.each([
    ["Go to the products", "prod", true],
    ["Go to the products", "products go", true],
    ["Zu den Lagerorten: Fächer", "facher", true],
    ["الذهاب إلى المُنتجات", "المنتجات", true],
    ["Go to the products", "ducts", false],
    ["Go to the products", "", true],
  ])("%s is found by “%s”: %s", (text, asked, found) => expect(fits(text, asked)).toBe(found));

  it("puts in front what begins with what is typed", () => {
    const entries = ["Go to the stock", "Stock", "New stock"].map((label) => ({ label }));
    expect(ranked(entries, "stock").map(({ label }) => label)).toEqual(["Stock", "Go to the stock", "New stock"]);
  });
});
