import { expect, it } from "vitest";
import { rolesPatch } from "./roles-patch";

it("gives what is new, takes what is gone, and leaves the rest alone", () => {
  expect(rolesPatch(["staff", "viewer"], ["viewer", "manager"])).toEqual({ add: ["manager"], remove: ["staff"] });
  expect(rolesPatch(["viewer"], ["viewer"])).toEqual({ add: [], remove: [] });
});
