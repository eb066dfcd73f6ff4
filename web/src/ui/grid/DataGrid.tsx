/**
 * A grid of the rows of a list: sorted, filtered and searched by the server, drawn only where it is seen, read on before its
 * end comes into view. Arrow keys walk through it, Enter opens, Space selects, Shift+arrow on a header changes its width.
 *
 * Built on TanStack Table (columns, widths, selection) and Virtual (rows). Rows have one height, so that nothing jumps.
 */

import type { LinkProps } from "@tanstack/react-router";
import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { NoMatch } from "../EmptyState";
import { ErrorPanel } from "../ErrorPanel";
import { useFocusAfterRemoval } from "../useFocusAfterRemoval";
import { useMedia } from "../useMedia";
import { BodyRow } from "./BodyRow";
import { type GridColumn, NARROW_SCREEN, useColumnChoice } from "./columns";
import { HeaderRow } from "./HeaderRow";
import { SkeletonRows } from "./SkeletonRows";
import type { List, ListState } from "./useList";
import { tabStop, useWalking } from "./useWalking";

export const ROW_HEIGHT = 44;
const NARROW_ROW_HEIGHT = 72;
/** Width that a column which takes the room left keeps where there is none, so that those at the end stay in sight. */
const LEAST = 160;
/** Rows left below the last one drawn when the next part is asked for. */
const AHEAD = 150;

export interface Selection {
  ids: ReadonlySet<string>;
  onChange: (ids: ReadonlySet<string>) => void;
}

export interface DataGridProps<T> {
  /** Names it on this device (widths, columns): the slice's name. */
  id: string;
  /** What the rows are, for screen readers. */
  label: string;
  list: List<T>;
  columns: GridColumn<T>[];
  rowId: (row: T) => string;
  state: ListState;
  onState: (change: ListState) => void;
  /** The order where none was chosen; shown on its column. */
  defaultSort?: string;
  /** Where a row leads; its first column becomes the link. */
  link?: (row: T) => LinkProps;
  /** What opens a row that leads nowhere. */
  onOpen?: (row: T) => void;
  selection?: Selection;
  /** Shown when nothing is there at all (not: nothing matches). */
  empty: ReactNode;
  /** A row on a narrow screen, two lines high; without it the grid scrolls sideways. */
  narrow?: (row: T) => ReactNode;
  /** Marks a row: pending, just changed. */
  rowClass?: (row: T) => string | undefined;
}

const features = tableFeatures({
  columnVisibilityFeature,
  columnSizingFeature,
  columnResizingFeature,
  rowSelectionFeature,
});
type Row = Record<string, unknown>;
const helper = createColumnHelper<typeof features, Row>();

export function DataGrid<T>(props: DataGridProps<T>) {
  const { list, columns, state, selection } = props;
  const { t } = useTranslation("ui");
  const [choice, choose] = useColumnChoice(props.id);
  const isNarrow = useMedia(NARROW_SCREEN) && props.narrow !== undefined;

  const rows = list.rows as Row[];
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows keep their ids
  const rowIds = useMemo(() => list.rows.map(props.rowId), [list.rows]);
  const scroller = useFocusAfterRemoval<HTMLDivElement>(rowIds);
  const definitions = useMemo(
    () =>
      columns.map((column) =>
        helper.display({
          id: column.id,
          size: column.width ?? 160,
          minSize: column.minWidth ?? 64,
          enableHiding: !column.isFixed,
        }),
      ),
    [columns],
  );
  const visibility = useMemo(
    () =>
      Object.fromEntries(
        columns.map((column) => [column.id, column.isFixed || (choice.shown[column.id] ?? !column.isHidden)]),
      ),
    [columns, choice.shown],
  );
  const table = useTable({
    features,
    data: rows,
    columns: definitions,
    getRowId: (row) => props.rowId(row as T),
    columnResizeMode: "onChange",
    columnResizeDirection: document.documentElement.dir === "rtl" ? "rtl" : "ltr",
    state: {
      columnVisibility: visibility,
      columnSizing: choice.widths,
      rowSelection: Object.fromEntries([...(selection?.ids ?? [])].map((id) => [id, true])),
    },
    onColumnSizingChange: (next) => choose({ widths: typeof next === "function" ? next(choice.widths) : next }),
  });

  const shown = columns.filter((column) => visibility[column.id]);
  const template = [
    ...(selection ? ["2.75rem"] : []),
    ...shown.map((column) => {
      const size = table.getColumn(column.id)?.getSize() ?? 160;
      return column.grows && !choice.widths[column.id] ? `minmax(${Math.min(size, LEAST)}px, 1fr)` : `${size}px`;
    }),
  ].join(" ");

  const rowHeight = isNarrow ? NARROW_ROW_HEIGHT : ROW_HEIGHT;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew when the height of rows changes
  useEffect(() => {
    virtual.measure();
  }, [rowHeight]);
  const drawn = virtual.getVirtualItems();
  const last = drawn.at(-1)?.index ?? -1;
  useEffect(() => {
    if (list.hasMore && last >= rows.length - AHEAD) list.loadMore();
  }, [last, rows.length, list]);
  // Other rows begin at their top.
  const asked = JSON.stringify(state);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when another list is asked for
  useEffect(() => {
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [asked]);

  const first = selection ? 1 : 0;
  // On a narrow screen a row is one cell.
  const cells = { columns: first + shown.length, cells: first + (isNarrow ? 1 : shown.length) };
  const walking = useWalking({ rows: rows.length, ...cells, scroller, toRow: virtual.scrollToIndex });
  const stop = tabStop(walking.active, { first: drawn[0]?.index, last: drawn.at(-1)?.index, ...cells });

  if (list.problem && rows.length === 0) return <ErrorPanel error={list.problem} onRetry={list.retry} />;
  if (!list.isPending && !list.isStale && rows.length === 0)
    return list.isNarrowed ? (
      <NoMatch
        onClear={() =>
          props.onState(
            Object.fromEntries(Object.keys(state).map((name) => [name, name === "sort" ? state.sort : undefined])),
          )
        }
      />
    ) : (
      props.empty
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="grid"
        aria-label={props.label}
        aria-rowcount={list.total === undefined ? -1 : list.total + 1}
        aria-colcount={cells.columns}
        aria-multiselectable={selection ? true : undefined}
        aria-busy={list.isPending || list.isStale}
        tabIndex={-1}
        onKeyDown={walking.onKeyDown}
        className="relative min-h-64 flex-1 scrollbar overflow-auto overscroll-contain rounded-xl border border-border bg-surface shadow-surface outline-none"
        style={{ "--grid-columns": isNarrow ? `${selection ? "2.75rem " : ""}1fr` : template } as React.CSSProperties}
      >
        {list.isStale && <span className="sticky start-0 top-0 z-20 block h-0.5 animate-pulse bg-accent" />}
        <HeaderRow
          columns={shown}
          table={table}
          isHidden={isNarrow}
          sort={state.sort ?? props.defaultSort}
          onSort={(sort) => props.onState({ sort })}
          selection={selection}
          rowIds={selection ? rowIds : undefined}
          active={stop}
          onResize={(id, by) =>
            choose({ widths: { ...choice.widths, [id]: Math.max(64, (table.getColumn(id)?.getSize() ?? 160) + by) } })
          }
        />
        {list.isPending ? (
          <SkeletonRows columns={cells.columns} height={rowHeight} isNarrow={isNarrow} />
        ) : (
          <div role="rowgroup" className="relative w-fit min-w-full" style={{ height: virtual.getTotalSize() }}>
            {drawn.map((item) => {
              const row = rows[item.index] as T | undefined;
              if (row === undefined) return null;
              return (
                <BodyRow
                  key={props.rowId(row)}
                  grid={props}
                  row={row}
                  index={item.index}
                  top={item.start}
                  height={rowHeight}
                  columns={shown}
                  isNarrow={isNarrow}
                  activeColumn={stop.row === item.index ? stop.column : undefined}
                />
              );
            })}
          </div>
        )}
        {list.problem && rows.length > 0 && (
          <div className="sticky start-0 p-3">
            <ErrorPanel error={list.problem} onRetry={list.retry} compact />
          </div>
        )}
      </div>
      <p aria-live="polite" className="mt-2 text-xs text-muted">
        {list.total !== undefined &&
          (list.isEstimate ? t("grid.about_rows", { count: list.total }) : t("grid.rows", { count: list.total }))}
        {list.isLoadingMore && ` · ${t("grid.loading_more")}`}
      </p>
    </div>
  );
}

export type { GridColumn } from "./columns";
