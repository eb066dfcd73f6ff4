import { describe, expect, it } from "vitest";
import { isReversible, type Movement, reversePermission, signedQuantity, wayOf } from "./movement";

const SUPPLIER = "00000000-0000-7000-8000-000000000201";
const MAIN = "01a20162-7ea3-7325-b2c8-3e0fcf661295";
const SHOP = "01a20162-8404-71ca-89ad-8fee90d2f90c";
const moved = (from: string, to: string, more: Partial<Movement> = {}) =>
  ({ from_location_id: from, to_location_id: to, quantity: "2.5", reason: "receipt", ...more }) as Movement;

describe("a movement", () => {
  it("comes in from a virtual place, goes out to one, or stays within", () => {
    expect(wayOf(moved(SUPPLIER, MAIN))).toBe("in");
    expect(wayOf(moved(MAIN, SUPPLIER))).toBe("out");
    expect(wayOf(moved(MAIN, SHOP))).toBe("within");
  });

  it("has a minus where it leaves, as each place sees it", () => {
    expect(signedQuantity(moved(MAIN, SUPPLIER))).toBe("-2.5");
    expect(signedQuantity(moved(MAIN, SHOP))).toBe("2.5");
    expect(signedQuantity(moved(MAIN, SHOP), MAIN)).toBe("-2.5");
    expect(signedQuantity(moved(MAIN, SHOP), SHOP)).toBe("2.5");
  });

  it("is taken back by who may post it", () => {
    expect(reversePermission(moved(MAIN, SHOP, { reason: "transfer" }))).toBe("inventory.transfer");
    expect(reversePermission(moved(MAIN, SHOP, { reason: "theft" }))).toBe("inventory.adjust");
    expect(reversePermission(moved(SUPPLIER, MAIN))).toBe("inventory.receive");
    expect(reversePermission(moved(MAIN, SUPPLIER, { reason: "sale" }))).toBe("inventory.issue");
  });

  it("is taken back once, and never when it is a reversal or came with a file", () => {
    expect(isReversible(moved(SUPPLIER, MAIN))).toBe(true);
    expect(isReversible(moved(SUPPLIER, MAIN, { reversed_by_id: "x" }))).toBe(false);
    expect(isReversible(moved(SUPPLIER, MAIN, { reverses_id: "x" }))).toBe(false);
    expect(isReversible(moved(SUPPLIER, MAIN, { import_id: "x" }))).toBe(false);
  });
});
