/** The names of the columns: sort by pressing, change the width by dragging or by Shift and an arrow key. */
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";
import { type GridColumn, orderOf } from "./columns";
import type { Selection } from "./DataGrid";
import type { Position } from "./useWalking";

interface ResizableTable {
  getHeaderGroups: () => {
    headers: { column: { id: string; resetSize: () => void }; getResizeHandler: () => (event: unknown) => void }[];
  }[];
}

interface Props<T> {
  columns: GridColumn<T>[];
  table: ResizableTable;
  isHidden: boolean;
  sort: string | undefined;
  onSort: (sort: string) => void;
  selection: Selection | undefined;
  rowIds: string[] | undefined;
  active: Position;
  onResize: (column: string, by: number) => void;
}

export function HeaderRow<T>({
  columns,
  table,
  isHidden,
  sort,
  onSort,
  selection,
  rowIds = [],
  active,
  onResize,
}: Props<T>) {
  const { t } = useTranslation("ui");
  const headers = new Map((table.getHeaderGroups()[0]?.headers ?? []).map((header) => [header.column.id, header]));
  const order = orderOf(sort);
  const all = rowIds.length > 0 && rowIds.every((id) => selection?.ids.has(id));
  const first = selection ? 1 : 0;
  return (
    <div role="rowgroup" className={isHidden ? "sr-only" : "sticky top-0 z-10 w-fit min-w-full bg-surface-secondary"}>
      <div
        role="row"
        aria-rowindex={1}
        className="grid h-9 border-b border-border"
        style={{ gridTemplateColumns: "var(--grid-columns)" }}
      >
        {selection && (
          <div role="columnheader" tabIndex={-1} className="flex items-center justify-center">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              aria-label={t("grid.select_all")}
              data-cell="-1:0"
              tabIndex={active.row === -1 && active.column === 0 ? 0 : -1}
              checked={all}
              ref={(element) => {
                if (element) element.indeterminate = !all && (selection?.ids.size ?? 0) > 0;
              }}
              onChange={() => selection.onChange(new Set(all ? [] : rowIds))}
            />
          </div>
        )}
        {columns.map((column, index) => {
          const sorts = column.sort !== undefined;
          const isChosen = sorts && order.key === column.sort;
          const direction = isChosen ? (order.isDescending ? "descending" : "ascending") : undefined;
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-sort={sorts ? (direction ?? "none") : undefined}
              className="group relative flex min-w-0"
            >
              <button
                type="button"
                data-cell={`-1:${index + first}`}
                tabIndex={active.row === -1 && active.column === index + first ? 0 : -1}
                onClick={() => column.sort && onSort(direction === "ascending" ? `-${column.sort}` : column.sort)}
                onKeyDown={(event) => {
                  if (!event.shiftKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
                  event.preventDefault();
                  event.stopPropagation();
                  const onwards = (event.key === "ArrowRight") === (document.documentElement.dir !== "rtl");
                  onResize(column.id, onwards ? 16 : -16);
                }}
                className={`flex min-w-0 flex-1 items-center gap-1 px-3 text-xs font-medium text-muted outline-offset-[-2px] ${sorts ? "hover:text-foreground" : "cursor-default"} ${column.align === "end" ? "justify-end text-end" : "text-start"}`}
              >
                <span className="truncate">{column.header}</span>
                {direction && (
                  <Icon
                    name={direction === "ascending" ? "arrow-up" : "arrow-down"}
                    className="size-3 text-foreground"
                  />
                )}
              </button>
              <span
                aria-hidden="true"
                onMouseDown={headers.get(column.id)?.getResizeHandler()}
                onTouchStart={headers.get(column.id)?.getResizeHandler()}
                onDoubleClick={() => headers.get(column.id)?.column.resetSize()}
                className="absolute inset-y-1.5 end-0 w-1.5 cursor-col-resize touch-none rounded border-e-2 border-transparent select-none group-hover:border-border hover:!border-accent"
              />
            </div>
          );
        })}
      </div>
    </div>
  );
}
