/** A variant as a form has it, where attributes are rows, and as the contract has it. */
import * as z from "zod/mini";
import type { Schema } from "@/api";
import { zVariantIn } from "@/api/zod.gen";
import type { Variant } from "./variants";

export type VariantBody = Schema<"VariantIn">;
export type VariantValues = Omit<VariantBody, "attributes"> & { attributes?: { name?: string; value?: string }[] };

const attribute = z.object({ name: z.optional(z.string()), value: z.optional(z.string()) });
export const variantSchema = z.extend(zVariantIn, { attributes: z.optional(z.array(attribute)) });

export const EMPTY_VARIANT: VariantValues = { sku: "", name: "", barcodes: [], attributes: [] };

export function variantValues(variant: Variant): VariantValues {
  const { sku, name, price, cost, barcodes, attributes, weight_g, length_mm, width_mm, height_mm } = variant;
  return {
    sku,
    name,
    price: price ?? undefined,
    cost: cost ?? undefined,
    barcodes,
    attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })),
    weight_g: weight_g ?? undefined,
    length_mm: length_mm ?? undefined,
    width_mm: width_mm ?? undefined,
    height_mm: height_mm ?? undefined,
  };
}

/** A row without a name is none; of two with the same name the last counts. */
export function variantBody({ attributes = [], barcodes = [], name = "", ...values }: VariantValues): VariantBody {
  const named = attributes.filter((row) => row.name?.trim());
  return {
    ...values,
    name,
    barcodes,
    attributes: Object.fromEntries(named.map((row) => [row.name?.trim(), row.value ?? ""])),
  };
}
