import { describe, expect, it } from "vitest";
import { differencesOf, nameIn } from "./difference";

describe("an entry of the audit log", () => {
  it("tells the fields that differ, without those that always do", () => {
    const entry = {
      before: { id: "1", version: 1, name: "Shift lead", description: "" },
      after: { id: "1", version: 2, name: "Foreman", description: null },
    };
    expect(differencesOf(entry)).toEqual([{ field: "name", before: "Shift lead", after: "Foreman" }]);
  });

  it("lists everything of what was made or deleted", () => {
    expect(differencesOf({ before: null, after: { id: "1", name: "New", scopes: ["jobs.read"] } })).toEqual([
      { field: "name", before: undefined, after: "New" },
      { field: "scopes", before: undefined, after: ["jobs.read"] },
    ]);
    expect(differencesOf({ before: { name: "Old" }, after: null })).toHaveLength(1);
    expect(differencesOf({ before: null, after: null })).toEqual([]);
  });

  it("knows the name of its thing as it is now", () => {
    expect(nameIn({ before: { name: "Old" }, after: { name: "New" } })).toBe("New");
    expect(nameIn({ before: null, after: { email: "ada@example.com" } })).toBe("ada@example.com");
    expect(nameIn({ before: null, after: { count: 3 } })).toBeUndefined();
  });
});
