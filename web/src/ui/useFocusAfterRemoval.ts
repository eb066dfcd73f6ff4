/**
 * Whoever takes a row away by the keyboard goes on from there: when the row that had the focus is gone, the same control of
 * the next row has it, else of the one before, else what `otherwise` finds, else the heading above.
 *
 * The answer goes to an element around the rows; each row has its key as `data-row`. What is open above the list meanwhile
 * (a menu, a dialog) gives the focus back first.
 */
import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

const OVERLAYS = "[role=menu], [role=dialog], [role=alertdialog]";
const LONGEST_WAIT_MS = 1_000;
/** Rows may be drawn a moment later, and what was open, or the list itself, may take the focus after that. */
const WATCHED_MS = 300;
const AGAIN_AFTER_MS = 30;

/** Where somebody stood. */
interface Place {
  key: string;
  /** Of a grid: which cell of the row. */
  cell: number;
  /** Which of the elements of its kind in the row, or in the cell; none where it was the cell or the row itself. */
  tag: string;
  nth: number;
}

type Otherwise = (list: HTMLElement) => HTMLElement | null | undefined;

export function useFocusAfterRemoval<E extends HTMLElement>(
  keys: readonly string[],
  otherwise?: Otherwise,
): RefObject<E | null> {
  const list = useRef<E>(null);
  const place = useRef<Place>(undefined);
  /** What the list stands in, remembered for when the last row takes the list away. */
  const surroundings = useRef<Element | null>(null);
  const known = useRef<readonly string[]>(keys);
  const latest = useRef(otherwise);
  latest.current = otherwise;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  useEffect(() => {
    const note = ({ target }: FocusEvent) => {
      if (!(target instanceof HTMLElement) || isAbove(target, list.current)) return;
      const row = rowOf(target, list.current, known.current);
      // A menu that closes may give the focus back to the row, not to what opened it.
      if (row === target && row.dataset.row === place.current?.key) return;
      place.current = row && placeIn(row, target);
      if (row) surroundings.current = row.closest("[role=dialog], [role=alertdialog], main");
    };
    document.addEventListener("focusin", note);
    return () => document.removeEventListener("focusin", note);
  }, []);

  useLayoutEffect(() => {
    const before = known.current;
    known.current = keys;
    const from = place.current;
    if (!from || keys.includes(from.key)) return;
    place.current = undefined;
    const began = performance.now();
    let released = began;
    const go = () => {
      const now = performance.now();
      const focused = document.activeElement ?? document.body;
      const isHeld = rowOf(focused, list.current, [from.key]) !== undefined || isAbove(focused, list.current);
      if (isHeld && now - began < LONGEST_WAIT_MS) released = now;
      const isWatched = now - released < WATCHED_MS;
      if (focused === document.body || focused === list.current) {
        const row = nearest(from, before, known.current, list.current);
        if (row || known.current.length === 0 || !isWatched)
          (row ?? (list.current && latest.current?.(list.current)) ?? headingOf(surroundings.current))?.focus();
      }
      if (isWatched) timer.current = setTimeout(go, AGAIN_AFTER_MS);
    };
    clearTimeout(timer.current);
    go();
  }, [keys]);
  return list;
}

/** In something that is open before the list. */
function isAbove(element: Element, list: Element | null): boolean {
  const overlay = element.closest(OVERLAYS);
  return overlay !== null && !overlay.contains(list);
}

/** The row of this list; rows may have lists of their own. */
function rowOf(element: Element, list: Element | null, keys: readonly string[]): HTMLElement | undefined {
  for (let at: Element | null = element; at && at !== list; at = at.parentElement)
    if (at instanceof HTMLElement && keys.includes(at.dataset.row ?? "") && list?.contains(at)) return at;
  return undefined;
}

function placeIn(row: HTMLElement, element: HTMLElement): Place {
  const cells = cellsOf(row);
  const cell = cells.findIndex((one) => one.contains(element));
  const tag = element.tagName;
  const nth = [...(cells[cell] ?? row).querySelectorAll(tag)].indexOf(element);
  return { key: row.dataset.row ?? "", cell, tag, nth };
}

function nearest(from: Place, before: readonly string[], keys: readonly string[], list: Element | null) {
  const at = before.indexOf(from.key);
  const left = new Set(keys);
  const rows = new Map<string, HTMLElement>();
  for (const row of list?.querySelectorAll<HTMLElement>("[data-row]") ?? []) rows.set(row.dataset.row ?? "", row);
  for (const key of [...before.slice(at + 1), ...before.slice(0, at).reverse()]) {
    const row = left.has(key) ? rows.get(key) : undefined;
    const control = row && controlIn(row, from);
    if (control) return control;
  }
  return undefined;
}

function controlIn(row: HTMLElement, { cell, tag, nth }: Place): HTMLElement | undefined {
  const within = cellsOf(row)[cell];
  const same = (within ?? row).querySelectorAll<HTMLElement>(tag)[nth];
  return same && !same.matches(":disabled") ? same : (within ?? (nth < 0 ? row : undefined));
}

function cellsOf(row: HTMLElement): HTMLElement[] {
  return [...row.querySelectorAll<HTMLElement>("[role=gridcell]")];
}

function headingOf(surroundings: Element | null): HTMLElement | undefined {
  if (!surroundings?.isConnected) return undefined;
  // A dialog is read aloud by its title.
  const heading = surroundings.matches("main") ? surroundings.querySelector("h1, h2") : surroundings;
  if (!(heading instanceof HTMLElement)) return undefined;
  if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
  return heading;
}
