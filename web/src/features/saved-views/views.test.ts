import { describe, expect, it } from "vitest";
import { changeTo, queryOf, shows, stateOf } from "./views";

describe("a saved view", () => {
  const view = { query: { q: "coffee", status: "active", sort: "-updated_at", columns: ["sku"], empty: "" } };

  it("keeps text, sort and filters, and nothing it does not know", () => {
    expect(stateOf(view)).toEqual({ q: "coffee", status: "active", sort: "-updated_at" });
    expect(queryOf({ q: "", status: "draft", kind: undefined })).toEqual({ status: "draft" });
  });

  it("is the one that is shown, in whatever order its parts stand", () => {
    expect(shows(view, { sort: "-updated_at", status: "active", q: "coffee" })).toBe(true);
    expect(shows(view, { q: "coffee", status: "active" })).toBe(false);
  });

  it("takes away the filters it does not have", () => {
    expect(changeTo({ query: { q: "tea" } }, { q: "coffee", kind: "service" })).toEqual({ q: "tea", kind: undefined });
  });
});
