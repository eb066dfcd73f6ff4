/** The categories, read as a whole: there are at most 10,000, and every screen of the catalogue names some. */
import { type QueryClient, queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { answer, api } from "@/api";
import { useCan } from "@/app/access";
import { matches, optionOf, type PlacedCategory, placed } from "./tree";

export const treeQuery = queryOptions({
  queryKey: ["/api/v1/categories", "tree"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/categories/tree", { signal }))).data,
  staleTime: 60_000,
});

export interface Categories {
  all: PlacedCategory[];
  byId: ReadonlyMap<string, PlacedCategory>;
  isPending: boolean;
}

export function useCategories(): Categories {
  const can = useCan();
  const { data, isPending } = useQuery({ ...treeQuery, enabled: can("categories.read") });
  return useMemo(() => {
    const all = placed(data ?? []);
    return { all, byId: new Map(all.map((one) => [one.id, one])), isPending };
  }, [data, isPending]);
}

/** Searches them for a field or a filter. */
export async function findCategories(queries: QueryClient, text: string) {
  return matches(placed(await queries.ensureQueryData(treeQuery)), text).map(optionOf);
}
