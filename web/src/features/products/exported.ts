/** What of a list's filters an export honours: status, and one category. */
import type { Schema } from "@/api";
import type { ListState } from "@/ui";

interface Exported {
  body: Schema<"ProductExportIn">;
  /** The button's words: by what the file is narrowed, where that is not all that the list is narrowed by. */
  label: "export" | "export_by_status" | "export_by_category";
}

const HONOURED = new Set(["status", "category_id", "sort"]);

export function exportOf(state: ListState): Exported {
  const chosen = state.status?.split(",").filter(Boolean) ?? [];
  // As in the list: what is put away is for who asks for it.
  const status = (chosen.length > 0 ? chosen : ["draft", "active"]) as Schema<"ProductStatus">[];
  const [category_id, another] = state.category_id?.split(",").filter(Boolean) ?? [];
  if (another) return { body: { status }, label: "export_by_status" };
  const isWider = Object.entries(state).some(([name, value]) => value && !HONOURED.has(name));
  return {
    body: { status, category_id },
    label: !isWider ? "export" : category_id ? "export_by_category" : "export_by_status",
  };
}
