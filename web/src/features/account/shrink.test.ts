import { expect, it } from "vitest";
import { middleOf } from "./shrink";

it("takes the middle of what is wide, of what is high, and all of what is square", () => {
  expect(middleOf(400, 200)).toEqual({ left: 100, top: 0, side: 200 });
  expect(middleOf(201, 400)).toEqual({ left: 0, top: 99, side: 201 });
  expect(middleOf(64, 64)).toEqual({ left: 0, top: 0, side: 64 });
});
