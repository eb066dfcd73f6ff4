import { expect, it } from "vitest";
import { searchTexts } from "./search-text";

it("takes texts of a URL by name, whatever the router made of them, and nothing else", () => {
  const read = searchTexts(["q", "low_stock", "page", "status"]);
  expect(read({ q: "tea", low_stock: true, page: 12, status: { not: "text" }, other: "x" })).toEqual({
    q: "tea",
    low_stock: "true",
    page: "12",
  });
});
