/**
 * Reads a list of the API part by part by cursor, ahead of whoever scrolls, and its total once. The state of a list (text,
 * sort, filters) lives in the URL; a change keeps the rows on the page until the new ones are there.
 */
import { keepPreviousData, type QueryKey, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type ApiProblem, answer, api, type paths } from "@/api";

/** Names as the API has them: `q`, `sort`, and any filter (`status`, `created_at[gte]`). Without a value, no filter. */
export type ListState = { q?: string; sort?: string } & Record<string, string | undefined>;

/** Paths whose GET answers a list. */
export type ListPath = {
  [P in keyof paths]: paths[P] extends {
    get: { responses: { 200: { content: { "application/json": { data: readonly unknown[]; metadata?: unknown } } } } };
  }
    ? P
    : never;
}[keyof paths];

/** What the list at a path consists of. */
export type ListItem<P extends ListPath> = paths[P] extends {
  get: { responses: { 200: { content: { "application/json": { data: (infer T)[] } } } } };
}
  ? T
  : never;

export interface List<T> {
  rows: T[];
  /** Everything that matches; undefined until known. */
  total: number | undefined;
  /** The total is an estimate. */
  isEstimate: boolean;
  isPending: boolean;
  /** Rows of the state before are shown until the new ones come. */
  isStale: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  /** Asks for the next part; after a failure only `retry` does. */
  loadMore: () => void;
  problem: ApiProblem | null;
  retry: () => void;
  /** Whether text or filters narrow the list. */
  isNarrowed: boolean;
  queryKey: QueryKey;
}

export interface ListOptions<P extends ListPath> {
  path: P;
  state: ListState;
  /** Parameters that are not the person's choice: `{ include: "variants" }`. */
  fixed?: Record<string, string>;
  /** Parameters of the path. */
  params?: Record<string, string>;
  /** Rows asked for at a time. */
  batch?: number;
  /** Ledgers and logs have no total. */
  hasTotal?: boolean;
  isEnabled?: boolean;
  /** Reads again every so many milliseconds, more rarely the more parts were read: each is read again after the one before. */
  interval?: number | false;
}

interface Part<T> {
  data: T[];
  metadata?: { next_cursor?: string | null; total?: number; total_estimated?: boolean };
}

export function useList<P extends ListPath>(options: ListOptions<P>): List<ListItem<P>> {
  type T = ListItem<P>;
  const { path, state, fixed, params, batch = 200, hasTotal = true, isEnabled = true, interval = false } = options;
  const narrow = useMemo(() => Object.fromEntries(Object.entries(state).filter(([, value]) => value)), [state]);
  const { sort, ...filters } = narrow;
  // One place where the types of one path's parameters are left: names of filters are data here.
  const read = (query: Record<string, unknown>, signal: AbortSignal) =>
    answer(
      api.GET(path as "/api/v1/products", { params: { query, path: params } as never, signal }),
    ) as unknown as Promise<Part<T>>;

  const queryKey = [path, "list", params ?? {}, fixed ?? {}, narrow];
  const rows = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) => read({ ...fixed, ...narrow, cursor: pageParam, limit: batch }, signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.metadata?.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled: isEnabled,
    refetchInterval: ({ state: { data } }) => interval && pauseFor(interval, data?.pages.length ?? 0),
  });
  const count = useQuery({
    queryKey: [path, "total", params ?? {}, fixed ?? {}, filters],
    queryFn: async ({ signal }) => (await read({ ...fixed, ...filters, page: 1, limit: 1 }, signal)).metadata ?? {},
    placeholderData: keepPreviousData,
    enabled: isEnabled && hasTotal,
  });
  const all = useMemo(() => rows.data?.pages.flatMap((part) => part.data) ?? [], [rows.data]);
  return {
    rows: all,
    total: rows.hasNextPage || rows.isPlaceholderData ? count.data?.total : rows.data ? all.length : undefined,
    isEstimate: Boolean(rows.hasNextPage && count.data?.total_estimated),
    isPending: rows.isPending,
    isStale: rows.isPlaceholderData,
    hasMore: rows.hasNextPage,
    isLoadingMore: rows.isFetchingNextPage,
    loadMore: () => {
      if (!rows.hasNextPage || rows.isFetchingNextPage || rows.isFetchNextPageError || rows.isPlaceholderData) return;
      void rows.fetchNextPage();
    },
    problem: rows.error,
    retry: () => void (rows.isFetchNextPageError ? rows.fetchNextPage() : rows.refetch()),
    isNarrowed: Object.keys(filters).length > 0,
    queryKey,
  };
}

/** The grid reads two parts ahead by itself; beyond those, reading again takes no more of the server than before. */
export function pauseFor(interval: number, parts: number): number {
  return interval * Math.max(1, parts / 2);
}
