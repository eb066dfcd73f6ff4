/** Walking through a grid with the keyboard: one cell at a time is in the order of Tab, arrows move it. */
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";

export interface Position {
  /** −1 is the header. */
  row: number;
  column: number;
}

interface Options {
  rows: number;
  columns: number;
  scroller: RefObject<HTMLElement | null>;
  toRow: (index: number) => void;
}

const A_PAGE = 15;

export function useWalking({ rows, columns, scroller, toRow }: Options) {
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
      next.column = Math.min(Math.max(next.column, 0), columns - 1);
      moved.current = true;
      if (next.row >= 0) toRow(next.row);
      setActive(next);
    },
    [active, columns, rows, toRow],
  );
  return { active, onKeyDown };
}
