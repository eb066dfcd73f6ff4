/** What a change would do, or what two people made of the same thing: one row a field, one column a version. */
import type { ReactNode } from "react";

export interface DiffRow {
  field: string;
  /** One value a column, in their order. */
  values: ReactNode[];
  /** Whether the values differ; those that do are marked. */
  differs?: boolean;
}

export function DiffTable({ label, columns, rows }: { label: string; columns: string[]; rows: DiffRow[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="scrollbar overflow-x-auto rounded-lg border border-border">
      <table className="w-full border-collapse text-start">
        <thead>
          <tr className="bg-surface-secondary text-xs text-muted">
            <td className="w-40 px-3 py-2" />
            {columns.map((column) => (
              <th key={column} scope="col" className="px-3 py-2 text-start font-medium">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.field} className="border-t border-separator align-top">
              <th scope="row" className="px-3 py-2 text-start font-medium">
                {row.field}
              </th>
              {row.values.map((value, index) => (
                <td
                  key={columns[index]}
                  className={`px-3 py-2 ${row.differs && index > 0 ? "bg-warning-soft text-warning-soft-foreground" : ""}`}
                >
                  {value}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
