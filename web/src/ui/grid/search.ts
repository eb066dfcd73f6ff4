/** The state of a grid in the URL, so that a link, a reload and the back button bring the same rows. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { searchTexts } from "../search-text";
import type { ListState } from "./useList";

/** For `validateSearch` of a route: text, sort and the named filters. */
export function gridSearch<const F extends string>(filters: readonly F[] = []) {
  return searchTexts<F | "q" | "sort">(["q", "sort", ...filters]);
}

/** The state in the URL of the page shown, and how to change it; changes of one name leave the others. */
export function useGridState(): [ListState, (change: ListState, options?: { replace?: boolean }) => void] {
  const search = useSearch({ strict: false }) as ListState;
  const navigate = useNavigate();
  // biome-ignore lint/correctness/useExhaustiveDependencies: its content is what counts, not the object
  const state = useMemo(() => search, [JSON.stringify(search)]);
  const change = useCallback(
    (next: ListState, { replace = true } = {}) => {
      void navigate({
        to: ".",
        search: ((before: ListState) => {
          const merged = { ...before, ...next };
          return Object.fromEntries(Object.entries(merged).filter(([, value]) => value));
        }) as never,
        replace,
        resetScroll: false,
      });
    },
    [navigate],
  );
  return [state, change];
}
