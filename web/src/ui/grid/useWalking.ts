/** Walking through a grid with the keyboard: one cell at a time is in the order of Tab, arrows move it. */
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";

export interface Position {
  /** −1 is the header. */
  row: number;
  column: number;
}

interface Options {
  rows: number;
  /** Cells of the header. */
  columns: number;
  /** Cells of a row, where they are fewer than those of the header. */
  cells?: number;
  scroller: RefObject<HTMLElement | null>;
  toRow: (index: number) => void;
}

/** What is drawn just now. */
export interface Drawn {
  /** Indices of the rows, first and last; none while there are none. */
  first: number | undefined;
  last: number | undefined;
  columns: number;
  cells: number;
}

/** The cell that Tab leads to: where the person stood, or the nearest that is drawn, so that the grid is never passed over. */
export function tabStop({ row, column }: Position, { first, last, columns, cells }: Drawn): Position {
  const isDrawn = first !== undefined && last !== undefined && row >= first && row <= last;
  const at = row < 0 || isDrawn ? row : (first ?? -1);
  return { row: at, column: within(column, at < 0 ? columns : cells) };
}

function within(column: number, count: number): number {
  return Math.max(0, Math.min(column, count - 1));
}

const A_PAGE = 15;

export function useWalking({ rows, columns, cells = columns, scroller, toRow }: Options) {
  const [active, setActive] = useState<Position>({ row: 0, column: 0 });
  const moved = useRef(false);

  // The cell may have to be drawn first.
  useEffect(() => {
    if (!moved.current) return;
    const focus = () => {
      const cell = scroller.current?.querySelector<HTMLElement>(`[data-cell="${active.row}:${active.column}"]`);
      if (!cell) return false;
      cell.focus({ preventScroll: active.row < 0 });
      moved.current = false;
      return true;
    };
    if (focus()) return;
    const frame = requestAnimationFrame(() => focus());
    return () => cancelAnimationFrame(frame);
  }, [active, scroller]);

  const onKeyDown = useCallback(
    (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (
        event.altKey ||
        event.metaKey ||
        (target.matches("input:not([type=checkbox]), textarea, select") && event.key !== "Escape")
      )
        return;
      // From a control inside a cell back to the cell.
      const own = target.closest<HTMLElement>("[data-cell]")?.dataset.cell?.split(":").map(Number);
      const from = own && own.length === 2 ? { row: own[0] ?? 0, column: own[1] ?? 0 } : active;
      const rightToLeft = document.documentElement.dir === "rtl";
      const next = { ...from };
      if (event.key === "ArrowDown") next.row += 1;
      else if (event.key === "ArrowUp") next.row -= 1;
      else if (event.key === "ArrowRight") next.column += rightToLeft ? -1 : 1;
      else if (event.key === "ArrowLeft") next.column += rightToLeft ? 1 : -1;
      else if (event.key === "PageDown") next.row += A_PAGE;
      else if (event.key === "PageUp") next.row = Math.max(0, next.row - A_PAGE);
      else if (event.key === "Home") {
        next.column = 0;
        if (event.ctrlKey) next.row = 0;
      } else if (event.key === "End") {
        next.column = columns - 1;
        if (event.ctrlKey) next.row = rows - 1;
      } else return;
      event.preventDefault();
      next.row = Math.min(Math.max(next.row, -1), rows - 1);
      next.column = within(next.column, next.row < 0 ? columns : cells);
      moved.current = true;
      if (next.row >= 0) toRow(next.row);
      setActive(next);
    },
    [active, columns, cells, rows, toRow],
  );
  return { active, onKeyDown };
}
