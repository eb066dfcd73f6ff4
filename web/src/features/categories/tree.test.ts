import { describe, expect, it } from "vitest";
import { type CategoryNode, matches, placed, pruned, within } from "./tree";

const node = (id: string, name: string, product_count: number, children: CategoryNode[] = []): CategoryNode => ({
  id,
  name,
  slug: id,
  position: 0,
  product_count,
  children,
});
const TREE = [
  node("drinks", "Drinks", 1, [node("coffee", "Café", 4, [node("beans", "Whole beans", 7)]), node("tea", "Tea", 2)]),
  node("cups", "Cups", 3),
];

describe("the tree of categories", () => {
  it("is a list in its order, with paths and the products of everything below", () => {
    expect(placed(TREE).map(({ path, products }) => [path.join("/"), products])).toEqual([
      ["Drinks", 14],
      ["Drinks/Café", 11],
      ["Drinks/Café/Whole beans", 7],
      ["Drinks/Tea", 2],
      ["Cups", 3],
    ]);
  });

  it("knows what lies within a category, itself included", () => {
    expect([...within(TREE, "coffee")]).toEqual(["coffee", "beans"]);
    expect(within(TREE, "nowhere").size).toBe(0);
  });

  it("is searched by words of the path, accents aside", () => {
    const found = (text: string) => matches(placed(TREE), text).map(({ id }) => id);
    expect(found("cafe")).toEqual(["coffee", "beans"]);
    expect(found("drinks beans")).toEqual(["beans"]);
    expect(found("").length).toBe(5);
    expect(matches(placed(TREE), "", 2)).toHaveLength(2);
  });

  it("keeps of a search what is above its finds", () => {
    expect(placed(pruned(TREE, "tea")).map(({ id }) => id)).toEqual(["drinks", "tea"]);
    expect(pruned(TREE, "nothing")).toEqual([]);
  });
});
