import { describe, expect, it } from "vitest";
import { strengthOf } from "./strength";

const met = (password: string, known: string[] = []) =>
  strengthOf(password, known)
    .rules.filter((rule) => rule.isMet)
    .map((rule) => rule.id);

describe("a new password", () => {
  it("is strong for its length more than for its signs", () => {
    expect(strengthOf("correct horse battery staple").level).toBe(4);
    expect(strengthOf("Pa$$w0rd12").level).toBeLessThan(3);
  });

  it("must not be made of the person's own name or address", () => {
    expect(met("lovelace-1815-x", ["ada@lovelace.example"])).not.toContain("not_yours");
    expect(strengthOf("lovelace-1815-x", ["ada@lovelace.example"]).level).toBe(1);
  });

  it("meets no rule while it is empty", () => {
    expect(met("")).toEqual([]);
  });

  it("is no run of keys", () => {
    expect(met("aaaaaaaaaaaa")).not.toContain("varied");
    expect(met("qwertyuiop12")).not.toContain("varied");
  });
});
