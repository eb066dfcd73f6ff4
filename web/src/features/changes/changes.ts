/** What an entry of the audit log says was changed, in short: one line a field, before and after. */
import { type AuditEntry, differencesOf } from "../audit-logs/difference";

export interface Change {
  field: string;
  before: string;
  after: string;
}

/** What says nothing beside the thing itself. */
const SILENT = new Set(["created_at", "product_id", "position"]);

export function changesOf(entry: Pick<AuditEntry, "before" | "after">): Change[] {
  // Of a thing that was made or deleted everything is listed; its name says enough.
  if (!entry.before || !entry.after) return [];
  return differencesOf(entry)
    .filter(({ field }) => !SILENT.has(field))
    .map(({ field, before, after }) => ({ field, before: textOf(before), after: textOf(after) }));
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
