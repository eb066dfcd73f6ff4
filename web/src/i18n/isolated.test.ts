import { describe, expect, it } from "vitest";
import { isolated } from "./isolated";

describe("what is put into a sentence", () => {
  it("is marked off in Arabic where its edge would be turned", () => {
    expect(isolated("Beans “Harbour”", "ar")).toBe("\u2068Beans “Harbour”\u2069");
    expect(isolated("(old) Beans", "ar")).toBe("\u2068(old) Beans\u2069");
  });

  it.each(["Ada Lovelace", "BEAN-1KG", "قهوة (طازجة)", "+3", ""])("stays as it is elsewhere: %s", (value) => {
    expect(isolated(value, "ar")).toBe(value);
    expect(isolated(`“${value}”`, "en")).toBe(`“${value}”`);
  });
});
