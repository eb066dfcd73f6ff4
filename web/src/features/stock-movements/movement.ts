/** What a row of the ledger means: which way it goes, what it is called, who may take it back. */
import type { Schema } from "@/api";
import type { IconName, Tone } from "@/ui";

export type Movement = Schema<"MovementOut">;

/** Suppliers, customers, scrap …: built in, with ids of their own in every organization. */
const VIRTUAL = "00000000-0000-7000-8000-0000000002";

export type Way = "in" | "out" | "within";

export function wayOf({
  from_location_id,
  to_location_id,
}: Pick<Movement, "from_location_id" | "to_location_id">): Way {
  if (from_location_id.startsWith(VIRTUAL)) return "in";
  return to_location_id.startsWith(VIRTUAL) ? "out" : "within";
}

/** The quantity as the organization, or one of its places, sees it: with a minus where it leaves. */
export function signedQuantity(movement: Movement, locationId?: string): string {
  const leaves = locationId ? movement.from_location_id === locationId : wayOf(movement) === "out";
  return leaves ? `-${movement.quantity}` : movement.quantity;
}

/** Reasons of corrections; everything that is none of the others is one as well. */
export const ADJUST_REASONS = [
  "count",
  "correction",
  "damage",
  "expiry",
  "loss",
  "theft",
  "found",
  "opening_stock",
  "other",
] as const;
const OTHER_REASONS = [
  "receipt",
  "production",
  "issue",
  "sale",
  "consumption",
  "customer_return",
  "supplier_return",
  "scrap",
  "transfer",
  "reversal",
] as const;
export const REASONS = [...OTHER_REASONS, ...ADJUST_REASONS];

const LOOKS: Record<string, { icon: IconName; tone: Tone }> = {
  receipt: { icon: "package-plus", tone: "success" },
  production: { icon: "package-plus", tone: "success" },
  customer_return: { icon: "package-plus", tone: "success" },
  issue: { icon: "package-minus", tone: "accent" },
  sale: { icon: "shopping-cart", tone: "accent" },
  consumption: { icon: "package-minus", tone: "accent" },
  supplier_return: { icon: "package-minus", tone: "accent" },
  scrap: { icon: "trash-2", tone: "danger" },
  transfer: { icon: "arrow-left-right", tone: "info" },
  reversal: { icon: "undo-2", tone: "warning" },
};

export function lookOf(reason: string): { icon: IconName; tone: Tone } {
  return LOOKS[reason] ?? { icon: "scale", tone: "warning" };
}

/** What somebody must hold to take a movement back: what it was posted with. */
export function reversePermission(movement: Movement): string {
  if (movement.reason === "transfer") return "inventory.transfer";
  if ((ADJUST_REASONS as readonly string[]).includes(movement.reason)) return "inventory.adjust";
  if (movement.reason === "receipt" || movement.reason === "production") return "inventory.receive";
  if (movement.reason === "customer_return") return "inventory.receive";
  return "inventory.issue";
}

/** A reversal can't be reversed, nor what was reversed before. A file's movements are undone as a whole. */
export function isReversible(movement: Movement): boolean {
  return !movement.reverses_id && !movement.reversed_by_id && !movement.import_id;
}
