/** Places by what somebody typed. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";
import type { Option } from "@/ui";

export type Location = Schema<"LocationOut">;

export function locationOption({ id, name, code }: Pick<Location, "id" | "name" | "code">): Option {
  return { id, label: name, detail: code };
}

/** Places that goods may lie at. */
export async function findStockLocations(text: string, signal?: AbortSignal): Promise<Option[]> {
  const query = { q: text || undefined, is_stock: "true", status: "active", limit: 30, sort: "code" };
  const { data } = await answer(api.GET("/api/v1/locations", { params: { query }, signal }));
  return data.map(locationOption);
}

export const locationQuery = (id: string) =>
  queryOptions({
    queryKey: ["/api/v1/locations", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/locations/{id}", { params: { path: { id } }, signal })),
    staleTime: 60_000,
  });
