import { describe, expect, it } from "vitest";
import { priceRanges } from "./prices";

const priced = (amount: string, currency = "EUR", status: "active" | "archived" = "active") => ({
  price: { amount, currency },
  status,
});

describe("the prices of a product", () => {
  it("are compared as numbers, not as texts", () => {
    expect(priceRanges([priced("10.00"), priced("9.50"), priced("100")])).toEqual([
      { currency: "EUR", lowest: "9.50", highest: "100" },
    ]);
  });

  it("leave out what is archived or has none, and keep currencies apart", () => {
    const variants = [priced("5", "USD"), priced("1", "EUR", "archived"), { status: "active" as const }, priced("4")];
    expect(priceRanges(variants).map(({ currency, lowest }) => [currency, lowest])).toEqual([
      ["USD", "5"],
      ["EUR", "4"],
    ]);
  });
});
