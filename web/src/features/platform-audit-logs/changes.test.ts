import { expect, it } from "vitest";
import { changesOf } from "./changes";

it("tells every name that either side has, and what is no text as it is written", () => {
  expect(
    changesOf({ before: { state: "active", reason: null }, after: { state: "suspended", limits: { users: 3 } } }),
  ).toEqual([
    { field: "state", before: "active", after: "suspended" },
    { field: "reason", before: undefined, after: undefined },
    { field: "limits", before: undefined, after: '{"users":3}' },
  ]);
  expect(changesOf({ before: null, after: undefined })).toEqual([]);
});
