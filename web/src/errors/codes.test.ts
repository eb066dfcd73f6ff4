import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import near from "../ui/locales/en.json";
import far from "./locales/en.json";

/** Told to programs, never to somebody before a screen. */
const LEFT_OUT: Record<string, string> = {
  HEADERS_TOO_LARGE: "a browser sends what it may",
  IDEMPOTENCY_KEY_REQUIRED: "every write of the console has a key",
  METHOD_NOT_ALLOWED: "the client knows the methods",
  NOT_ACCEPTABLE: "the client asks for JSON",
  PRECONDITION_REQUIRED: "edits send what they began from",
  UNSUPPORTED_MEDIA_TYPE: "the client sends JSON",
  URI_TOO_LONG: "addresses are short",
};

describe("the words for errors", () => {
  const codes = new Set<string>();
  JSON.parse(readFileSync("../docs/openapi.json", "utf8"), (key, value) => {
    if (key === "error" && typeof value?.code === "string") codes.add(value.code);
    return value;
  });
  const known = new Set([...Object.keys(near.errors), ...Object.keys(far)]);

  it("exist for every code of the contract that a person may meet", () => {
    expect(codes.size).toBeGreaterThan(80);
    expect([...codes].filter((code) => !known.has(code) && !(code in LEFT_OUT)).sort()).toEqual([]);
  });

  it("say what is wrong and what to do, each of them", () => {
    const bare = Object.values(near.errors).filter(({ title, advice }) => !title || !advice);
    const { faults: _, ...words } = far;
    const titles = Object.keys(words).filter((key) => !key.endsWith("_advice"));
    expect(bare).toEqual([]);
    expect(titles.filter((code) => !(`${code}_advice` in words))).toEqual([]);
    expect(Object.keys(words).sort()).toEqual(titles.flatMap((code) => [code, `${code}_advice`]).sort());
  });

  it("belong to codes of the contract, or to what happens on this side", () => {
    const here = ["NETWORK", "TIMED_OUT", "SESSION_EXPIRED"];
    const { faults: _, ...words } = far;
    const titles = [...Object.keys(near.errors), ...Object.keys(words)].filter((key) => !key.endsWith("_advice"));
    expect(titles.filter((code) => !codes.has(code) && !here.includes(code))).toEqual([]);
  });

  it("leave out only codes that the contract has and that have no words", () => {
    expect(Object.keys(LEFT_OUT).filter((code) => !codes.has(code) || known.has(code))).toEqual([]);
  });
});
