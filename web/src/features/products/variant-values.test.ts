import { describe, expect, it } from "vitest";
import { patchOf } from "../editing/patch";
import { variantBody, variantValues } from "./variant-values";
import type { Variant } from "./variants";

const VARIANT: Variant = {
  id: "v",
  product_id: "p",
  sku: "BEAN-1KG",
  name: "1 kg",
  attributes: { size: "1 kg" },
  barcodes: [{ barcode: "96385074", kind: "ean8" }],
  price: { amount: "12.50", currency: "EUR" },
  cost: null,
  weight_g: "1000",
  position: 0,
  status: "active",
  version: 3,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
};

describe("a variant in a form", () => {
  it("changes nothing when nobody changes it", () => {
    const before = variantBody(variantValues(VARIANT));
    expect(patchOf(before, variantBody(variantValues(VARIANT)))).toEqual({});
  });

  it("sends attributes as a whole, without rows that have no name", () => {
    const values = variantValues(VARIANT);
    const after = { ...values, attributes: [...(values.attributes ?? []), { name: " roast ", value: "dark" }, {}] };
    expect(patchOf(variantBody(values), variantBody(after))).toEqual({
      attributes: { size: "1 kg", roast: "dark" },
    });
  });

  it("clears a price by null", () => {
    const values = variantValues(VARIANT);
    expect(patchOf(variantBody(values), variantBody({ ...values, price: undefined }))).toEqual({ price: null });
  });
});
