import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { following, isDeletable, leadsBack, STATES } from "./states";

const snake = (name: string) => name.replaceAll(/(?<!^)[A-Z]/g, "_$&").toLowerCase();
/** `Active = "active" => [ReadOnly, Suspended];` */
const server = new Map(
  [...readFileSync("../platform/core/src/tenant_state.rs", "utf8").matchAll(/= "(\w+)" => \[([^\]]*)\];/g)].map(
    ([, state = "", next = ""]) => [state, next.split(", ").filter(Boolean).map(snake)],
  ),
);
const SETTABLE = ["active", "read_only", "suspended", "archived"];

describe("what an operator may make of a tenant", () => {
  it("knows every state", () => expect([...STATES].sort()).toEqual([...server.keys()].sort()));

  it.each([...server])("%s", (state, next) => {
    const settable = SETTABLE.includes(state) ? next.filter((one) => SETTABLE.includes(one)) : [];
    expect([...following(state)].sort()).toEqual(settable.sort());
    expect(isDeletable(state)).toBe(next.includes("deleting"));
  });

  it("offers to take back only what leads back", () => {
    expect(leadsBack("active", "suspended")).toBe(true);
    expect(leadsBack("read_only", "suspended")).toBe(false);
  });
});
