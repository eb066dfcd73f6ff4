import { describe, expect, it } from "vitest";
import { nextSlug, slugOf } from "./slug";

const RULE = /^[a-z][a-z0-9-]*[a-z0-9]$/;

describe("a name in host names", () => {
  it.each([
    ["Acme Trading", "acme-trading"],
    ["Müller & Söhne GmbH", "muller-sohne-gmbh"],
    ["Groß", "gross"],
    ["3M Werke", "m-werke"],
    ["  --A.B.C--  ", "a-b-c"],
  ])("%s becomes %s", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
    expect(slug).toMatch(RULE);
  });

  it("is left to the person where the name has no such letters", () => {
    expect(slugOf("مقهى")).toBe("");
    expect(slugOf("A")).toBe("");
  });

  it("never ends with a hyphen where it is cut", () => {
    expect(slugOf(`${"a".repeat(39)} b`)).toMatch(RULE);
  });

  it("is counted on where it is taken", () => {
    expect(nextSlug("acme")).toBe("acme-2");
    expect(nextSlug("acme-9")).toBe("acme-10");
    expect(nextSlug("a".repeat(40)).length).toBe(40);
  });
});
