import { describe, expect, it } from "vitest";
import { readSource } from "./source";

const file = (text: string) => new File([text], "list.csv");

describe("a file that was chosen", () => {
  it("shows its columns and some of their values, each once", async () => {
    const source = await readSource(file("sku;name\nA;Tea\nB;\nC;Tea\nD;Coffee\n"));
    expect(source).toMatchObject({
      encoding: "utf-8",
      delimiter: ";",
      header: ["sku", "name"],
      examples: [
        ["A", "B", "C"],
        ["Tea", "Coffee"],
      ],
    });
  });

  it("is read as somebody says", async () => {
    expect((await readSource(file("a;b,c\n1;2,3"), { delimiter: "," })).header).toEqual(["a;b", "c"]);
  });

  it("may be empty", async () => {
    expect(await readSource(file(""))).toMatchObject({ header: [], examples: [] });
  });
});
