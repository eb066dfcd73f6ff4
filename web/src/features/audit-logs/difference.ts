/** What an entry of the audit log says was changed, field by field. */
import type { Schema } from "@/api";
import { same } from "../editing/patch";

export type AuditEntry = Schema<"AuditLogOut">;

/** What a thing was and is; which fields there are depends on the thing. */
interface States {
  before?: Record<string, unknown> | null;
  after?: Record<string, unknown> | null;
}

export interface Difference {
  field: string;
  before: unknown;
  after: unknown;
}

/** They say nothing to people that the rest of the entry doesn't. */
const SILENT = new Set(["id", "version", "updated_at"]);

export function differencesOf({ before, after }: States): Difference[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields]
    .filter((field) => !SILENT.has(field) && !same(before?.[field], after?.[field]))
    .map((field) => ({ field, before: before?.[field], after: after?.[field] }));
}

/** What the entry is about, as far as it says so. */
export function nameIn({ before, after }: States): string | undefined {
  const said = { ...before, ...after };
  const field = ["name", "display_name", "email", "sku", "code", "number"].find(
    (one) => typeof said[one] === "string" && said[one] !== "",
  );
  return field && String(said[field]);
}
