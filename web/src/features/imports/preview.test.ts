import { describe, expect, it } from "vitest";
import { faultsOf, previewOf } from "./preview";

const HEAD = "line,outcome,sku,field,before,after,reason";

describe("what a dry run says", () => {
  it("is one entry a line, with all its fields and faults", () => {
    const text = [
      HEAD,
      "2,updated,A,name,a,b,",
      "2,updated,A,price,1,2,",
      "3,error,,price,,,amount: no",
      "4,created,'=B,,,,",
    ].join("\n");
    expect(previewOf(text, 10)).toEqual({
      isCut: false,
      rows: [
        {
          line: 2,
          outcome: "updated",
          sku: "A",
          changes: [
            { field: "name", before: "a", after: "b" },
            { field: "price", before: "1", after: "2" },
          ],
          faults: [],
        },
        { line: 3, outcome: "error", sku: "", changes: [], faults: [{ column: "price", reason: "amount: no" }] },
        { line: 4, outcome: "created", sku: "=B", changes: [], faults: [] },
      ],
    });
  });

  it("says when it is not all", () => {
    const many = Array.from({ length: 30 }, (_, index) => `${index + 2},created,S${index},,,,`);
    expect(previewOf([HEAD, ...many].join("\n"), 10)).toMatchObject({ isCut: true, rows: { length: 10 } });
    expect(previewOf(`${HEAD}\n2,created,A,,,,\n,capped,,,,,5 further changes`, 10)).toMatchObject({
      isCut: true,
      rows: { length: 1 },
    });
  });
});

it("what was refused is told by line", () => {
  const text = 'line,column,code,reason\n9,sku,unknown,"no, none"\n,,capped,only the first';
  expect(faultsOf(text, 10)).toEqual({
    isCut: true,
    rows: [
      { line: 9, outcome: "error", sku: "", changes: [], faults: [{ column: "sku", reason: "unknown: no, none" }] },
    ],
  });
});
