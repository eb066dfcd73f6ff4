import { describe, expect, it } from "vitest";
import { tabStop } from "./useWalking";

describe("the cell that Tab leads to", () => {
  const drawn = { first: 40, last: 70, columns: 4, cells: 4 };

  it("is where the person stood", () => {
    expect(tabStop({ row: 50, column: 2 }, drawn)).toEqual({ row: 50, column: 2 });
    expect(tabStop({ row: -1, column: 3 }, drawn)).toEqual({ row: -1, column: 3 });
  });

  it("is in the first row drawn, once its own was scrolled out or filtered away", () => {
    expect(tabStop({ row: 0, column: 2 }, drawn)).toEqual({ row: 40, column: 2 });
    expect(tabStop({ row: 500, column: 2 }, { first: 0, last: 2, columns: 4, cells: 4 })).toEqual({
      row: 0,
      column: 2,
    });
  });

  it("is in a column that is drawn", () => {
    expect(tabStop({ row: 50, column: 3 }, { ...drawn, cells: 1 })).toEqual({ row: 50, column: 0 });
    expect(tabStop({ row: -1, column: 3 }, { ...drawn, cells: 1 })).toEqual({ row: -1, column: 3 });
    expect(tabStop({ row: -1, column: 9 }, drawn)).toEqual({ row: -1, column: 3 });
  });

  it("is in the header while there are no rows", () => {
    const none = { first: undefined, last: undefined, columns: 4, cells: 4 };
    expect(tabStop({ row: 3, column: 1 }, none)).toEqual({ row: -1, column: 1 });
  });
});
