import { describe, expect, it } from "vitest";
import { byKind, paceOf } from "./activity";

const days = (...movements: number[]) => movements.map((count) => ({ movements: count }));

describe("the pace of an organization", () => {
  it("sets the last seven days beside the seven before", () => {
    const pace = paceOf(days(99, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 3));
    expect(pace).toEqual({ today: 3, week: 15, change: 15 / 8 - 1 });
  });

  it("compares with nothing where nothing moved before", () => {
    expect(paceOf(days(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4))).toEqual({ today: 4, week: 4, change: undefined });
  });

  it("knows an organization without a day", () => {
    expect(paceOf([])).toEqual({ today: 0, week: 0, change: undefined });
  });
});

describe("the movements of a day", () => {
  it("are counted by kind, and those of a kind added later are counted as others", () => {
    const kinds = [
      { kind: "receive", movements: 2 },
      { kind: "assemble", movements: 3 },
    ];
    expect(byKind({ kinds })).toEqual({ receive: 2, issue: 0, transfer: 0, adjust: 0, return: 0, scrap: 0, other: 3 });
  });
});
