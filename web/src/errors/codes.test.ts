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

  it("leave out only codes that the contract has and that have no words", () => {
    expect(Object.keys(LEFT_OUT).filter((code) => !codes.has(code) || known.has(code))).toEqual([]);
  });
});
