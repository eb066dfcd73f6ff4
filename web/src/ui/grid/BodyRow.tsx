/** One row at its place. Its first column is the link, where rows lead somewhere; a press anywhere on it does the same. */
import { Link, useRouter } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";
import type { GridColumn } from "./columns";
import type { DataGridProps } from "./DataGrid";

interface Props<T> {
  grid: DataGridProps<T>;
  row: T;
  index: number;
  top: number;
  height: number;
  columns: GridColumn<T>[];
  isNarrow: boolean;
  activeColumn: number | undefined;
}

export function BodyRow<T>({ grid, row, index, top, height, columns, isNarrow, activeColumn }: Props<T>) {
  const { t } = useTranslation("ui");
  const router = useRouter();
  const id = grid.rowId(row);
  const selected = grid.selection?.ids.has(id) ?? false;
  const link = grid.link?.(row);
  const opens = link !== undefined || grid.onOpen !== undefined;
  const first = grid.selection ? 1 : 0;

  const open = () => (link ? void router.navigate(link as never) : grid.onOpen?.(row));
  const toggle = () => {
    const ids = new Set(grid.selection?.ids);
    if (!ids.delete(id)) ids.add(id);
    grid.selection?.onChange(ids);
  };
  const press = (event: MouseEvent) => {
    const target = event.target as Element;
    const inside = target.closest("a, button, input, label, [role=button]");
    // What a menu of the row does comes by here too, from elsewhere in the document.
    if (!inside && event.currentTarget.contains(target) && !getSelection()?.toString()) open();
  };
  const cells = isNarrow ? columns.slice(0, 1) : columns;
  return (
    <div
      role="row"
      data-row={id}
      aria-rowindex={index + 2}
      aria-selected={grid.selection ? selected : undefined}
      onClick={opens ? press : undefined}
      onKeyDown={(event) => {
        if (
          event.key === " " &&
          grid.selection &&
          event.target instanceof HTMLElement &&
          event.target.role === "gridcell"
        ) {
          event.preventDefault();
          toggle();
        }
        if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.role === "gridcell") {
          event.preventDefault();
          const control = event.target.querySelector<HTMLElement>("button, input, a[href]");
          if (control && !control.dataset.rowLink) control.focus();
          else open();
        }
      }}
      className={`absolute inset-x-0 top-0 grid border-b border-separator ${opens ? "cursor-pointer hover:bg-surface-secondary" : ""} ${selected ? "bg-accent-soft hover:bg-accent-soft-hover" : ""} ${grid.rowClass?.(row) ?? ""}`}
      style={{ transform: `translateY(${top}px)`, height, gridTemplateColumns: "var(--grid-columns)" }}
    >
      {grid.selection && (
        <div
          role="gridcell"
          data-cell={`${index}:0`}
          tabIndex={activeColumn === 0 ? 0 : -1}
          className="flex items-center justify-center outline-offset-[-2px]"
        >
          <input
            type="checkbox"
            tabIndex={-1}
            checked={selected}
            onChange={toggle}
            aria-label={t("grid.select_row", { row: index + 1 })}
            className="size-4 accent-accent"
          />
        </div>
      )}
      {cells.map((column, at) => {
        const content = isNarrow && grid.narrow ? grid.narrow(row) : column.cell(row);
        return (
          <div
            key={column.id}
            role="gridcell"
            data-cell={`${index}:${at + first}`}
            tabIndex={activeColumn === at + first ? 0 : -1}
            className={`flex min-w-0 items-center overflow-hidden px-3 outline-offset-[-2px] ${column.align === "end" && !isNarrow ? "justify-end text-end tabular" : ""}`}
          >
            {at === 0 && link ? (
              <Link
                {...link}
                data-row-link="1"
                tabIndex={-1}
                className="min-w-0 flex-1 truncate font-medium hover:underline"
              >
                {content}
              </Link>
            ) : (
              <span className="min-w-0 flex-1 truncate">{content}</span>
            )}
          </div>
        );
      })}
    </div>
  );
}
