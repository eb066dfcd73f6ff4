import { describe, expect, it } from "vitest";
import { bare, decoded, delimiterOf, rowsOf } from "./csv";

describe("a file", () => {
  it("is UTF-8, also when it was cut within a letter", () => {
    const bytes = new TextEncoder().encode("name\nقهوة");
    expect(decoded(bytes)).toEqual({ text: "name\nقهوة", encoding: "utf-8" });
    expect(decoded(bytes.subarray(0, bytes.length - 1)).encoding).toBe("utf-8");
  });

  it("is of Windows where it can't be UTF-8", () => {
    const bytes = new Uint8Array([0x4b, 0xe4, 0x73, 0x65, 0x0a, 0x4d, 0xfc, 0x73, 0x6c, 0x69]);
    expect(decoded(bytes)).toEqual({ text: "Käse\nMüsli", encoding: "windows-1252" });
  });

  it.each([
    ["a,b;c,d", ","],
    ["sku;name;price\n1;2,5;3", ";"],
    ["a\tb\tc", "\t"],
    ['"x;y;z",b,c', ","],
    ["only", ","],
  ])("%j is separated by %j", (text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });
});

describe("its rows", () => {
  it("may be quoted, over lines, with quotes within", () => {
    expect(rowsOf('\ufeffsku,name\r\nA,"He said ""no"",\r\nand left"\r\n\r\nB,', ",", 10)).toEqual([
      ["sku", "name"],
      ["A", 'He said "no",\r\nand left'],
      ["B", ""],
    ]);
  });

  it("are no more than were asked for", () => {
    expect(rowsOf("a\nb\nc\nd", ",", 2)).toEqual([["a"], ["b"]]);
  });

  it("keep a quote within a cell that does not begin with one", () => {
    expect(rowsOf('5" pipe,1', ",", 1)).toEqual([['5" pipe', "1"]]);
  });
});

it("a cell is shown without what guards it from spreadsheets", () => {
  expect(bare("'=SUM(A1)")).toBe("=SUM(A1)");
  expect(bare("'quoted'")).toBe("'quoted'");
});
