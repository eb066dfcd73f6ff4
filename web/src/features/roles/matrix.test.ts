import { describe, expect, it } from "vitest";
import {
  grantsBody,
  grantsOf,
  isWithin,
  type Matrix,
  type MatrixPermission,
  nextEffect,
  roleKeyOf,
  standingOf,
} from "./matrix";

function permission(key: string, roles: Record<string, string>, more: Partial<MatrixPermission> = {}) {
  return {
    key,
    summary: key,
    is_scope: true,
    gives_access: false,
    is_grantable: true,
    is_deniable: true,
    roles,
    ...more,
  } satisfies MatrixPermission;
}

const adjust = permission("inventory.adjust", { staff: "allow", trainee: "deny" });
const read = permission("inventory.read", { staff: "allow", viewer: "allow" });
const matrix: Matrix = { roles: [], groups: [{ key: "inventory", name: "Stock", permissions: [read, adjust] }] };

describe("several roles together", () => {
  it("allow what any of them allows", () => {
    expect(standingOf(read, ["staff", "viewer"])).toEqual({
      isAllowed: true,
      allowedBy: ["staff", "viewer"],
      deniedBy: [],
    });
  });

  it("don't allow what one of them denies, nor what none names", () => {
    expect(standingOf(adjust, ["staff", "trainee"])).toMatchObject({ isAllowed: false, deniedBy: ["trainee"] });
    expect(standingOf(adjust, ["viewer"])).toEqual({ isAllowed: false, allowedBy: [], deniedBy: [] });
  });
});

describe("a role", () => {
  it("is within reach of who holds everything it names, denied things among them", () => {
    const own = (key: string) => key === "inventory.read";
    expect(isWithin(matrix, "viewer", own)).toBe(true);
    expect(isWithin(matrix, "staff", own)).toBe(false);
    expect(isWithin(matrix, "trainee", own)).toBe(false);
  });

  it("is sent as what it allows and what it denies", () => {
    expect(grantsBody({ ...grantsOf(matrix, "staff"), "products.read": undefined, "jobs.read": "deny" })).toEqual({
      allow: ["inventory.adjust", "inventory.read"],
      deny: ["jobs.read"],
    });
  });

  it("goes through the effects that a permission can have", () => {
    expect(nextEffect(undefined, adjust)).toBe("allow");
    expect(nextEffect("allow", adjust)).toBe("deny");
    expect(nextEffect("deny", adjust)).toBeUndefined();
    expect(nextEffect("allow", { is_deniable: false })).toBeUndefined();
  });

  it.each([
    ["Shift lead", "shift_lead"],
    ["Größe & Maß", "grosse_mass"],
    ["2nd shift", "nd_shift"],
    ["قائد", ""],
  ])("named %s has the key %s", (name, key) => expect(roleKeyOf(name)).toBe(key));
});
