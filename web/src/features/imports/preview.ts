/** What a dry run says would become of each row: `line,outcome,sku,field,before,after,reason`. */
import { bare, rowsOf } from "./csv";

export type Outcome = "created" | "updated" | "unchanged" | "error";

export interface PreviewRow {
  line: number;
  outcome: Outcome;
  sku: string;
  changes: { field: string; before: string; after: string }[];
  /** What is wrong, with the column it is about. */
  faults: { column: string; reason: string }[];
}

/** One entry a line of the file, in their order. */
export function previewOf(text: string, most: number): { rows: PreviewRow[]; isCut: boolean } {
  // A line may be told of several times, once a field.
  const [, ...told] = rowsOf(text, ",", most * 8);
  const byLine = new Map<number, PreviewRow>();
  let isCut = told.length >= most * 8 - 1;
  for (const cells of told) {
    const [line = "", outcome = "", sku = "", field = "", before = "", after = "", reason = ""] = cells.map(bare);
    if (outcome === "capped") {
      isCut = true;
      continue;
    }
    const number = Number(line);
    let row = byLine.get(number);
    if (!row) {
      if (byLine.size >= most) {
        isCut = true;
        break;
      }
      row = { line: number, outcome: outcome as Outcome, sku, changes: [], faults: [] };
      byLine.set(number, row);
    }
    if (outcome === "error") {
      row.outcome = "error";
      row.faults.push({ column: field, reason });
    } else if (field) row.changes.push({ field, before, after });
    row.sku ||= sku;
  }
  return { rows: [...byLine.values()], isCut };
}

/** The list of what an import refused: `line,column,code,reason`. */
export function faultsOf(text: string, most: number): { rows: PreviewRow[]; isCut: boolean } {
  const [, ...told] = rowsOf(text, ",", most + 2);
  const rows = told.map((cells): PreviewRow => {
    const [line = "", column = "", code = "", reason = ""] = cells.map(bare);
    return {
      line: Number(line),
      outcome: "error",
      sku: "",
      changes: [],
      faults: [{ column, reason: `${code}: ${reason}` }],
    };
  });
  const listed = rows.filter(({ line }) => line > 0);
  return { rows: listed.slice(0, most), isCut: listed.length > most || listed.length < rows.length };
}
