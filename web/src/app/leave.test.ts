import { beforeEach, describe, expect, it } from "vitest";
import { forgetTraces } from "./leave";

describe("leaving", () => {
  beforeEach(() => sessionStorage.clear());

  it("forgets the pages looked at and the forms begun", () => {
    for (const key of ["nexus.recent", "nexus.draft.receive", "nexus.draft.count", "nexus.theme", "other"])
      sessionStorage.setItem(key, "1");
    forgetTraces();
    expect(Object.keys(sessionStorage).sort()).toEqual(["nexus.theme", "other"]);
  });
});
