/** The prices of a product: those of its variants in use, from the lowest to the highest, each currency by itself. */
import { decimal } from "@/i18n/decimal";
import type { Variant } from "./variants";

export interface PriceRange {
  currency: string;
  lowest: string;
  highest: string;
}

export function priceRanges(variants: Pick<Variant, "price" | "status">[]): PriceRange[] {
  const ranges = new Map<string, PriceRange>();
  for (const { price, status } of variants) {
    if (!price || status !== "active") continue;
    const { amount, currency } = price;
    const range = ranges.get(currency);
    if (!range) ranges.set(currency, { currency, lowest: amount, highest: amount });
    else if (decimal.compare(amount, range.lowest) < 0) range.lowest = amount;
    else if (decimal.compare(amount, range.highest) > 0) range.highest = amount;
  }
  return [...ranges.values()];
}
