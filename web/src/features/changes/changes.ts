/** What an entry of the audit log says was changed: one row a field, before and after. */
import type { Schema } from "@/api";
import { same } from "../editing/patch";

export type AuditEntry = Schema<"AuditLogOut">;

export interface Change {
  field: string;
  before: string;
  after: string;
}

/** What says nothing to people: it is in the log for machines. */
const SILENT = new Set(["id", "version", "updated_at", "created_at", "product_id", "position"]);

export function changesOf({ before, after }: Pick<AuditEntry, "before" | "after">): Change[] {
  // Of a thing that was made or deleted everything is listed; its name says enough.
  if (!before || !after) return [];
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields]
    .filter((field) => !SILENT.has(field) && !same(before[field], after[field]))
    .map((field) => ({ field, before: textOf(before[field]), after: textOf(after[field]) }));
}

/** What the entry is about, as far as it says so. */
export function nameIn({ before, after }: Pick<AuditEntry, "before" | "after">): string | undefined {
  const named = { ...before, ...after };
  for (const field of ["name", "sku", "code", "display_name"])
    if (typeof named[field] === "string" && named[field] !== "") return named[field];
  return undefined;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value !== "object") return String(value);
  const record = value as Record<string, unknown>;
  if ("amount" in record && "currency" in record) return `${record.amount} ${record.currency}`;
  if ("barcode" in record) return String(record.barcode);
  if ("omitted_bytes" in record) return "…";
  return Object.entries(record)
    .filter(([, one]) => one !== null && one !== undefined)
    .map(([name, one]) => `${name}: ${textOf(one)}`)
    .join(", ");
}
