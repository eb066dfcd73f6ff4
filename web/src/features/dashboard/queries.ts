/** What the start of the workspace reads. Always read anew when it is opened: it is where people look at how things stand. */
import { queryOptions } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import { answer, api } from "@/api";

export const DAYS = ["7", "30", "90"] as const;
/** So many movements and changes. */
export const LATEST = 6;
export type Days = (typeof DAYS)[number];

export const activityQuery = (days: Days) =>
  queryOptions({
    queryKey: ["/api/v1/inventory/activity", days],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/inventory/activity", { params: { query: { days: Number(days) } }, signal }))).data,
    staleTime: 0,
  });

/** Where the levels of `lowLevelsQuery` are all shown. */
export const LOW_LEVELS: LinkProps = { to: "/inventory", search: { low_stock: "true" } };

export const lowLevelsQuery = queryOptions({
  queryKey: ["/api/v1/inventory", "low"],
  queryFn: async ({ signal }) => {
    const query = { low_stock: "true", sort: "available,product_name", page: 1, limit: 6 };
    const { data, metadata } = await answer(api.GET("/api/v1/inventory", { params: { query }, signal }));
    return { levels: data, total: metadata?.total ?? data.length };
  },
  staleTime: 0,
});

/** Whether there is any stock at all: "nothing is low" means little before. */
export const anyLevelQuery = queryOptions({
  queryKey: ["/api/v1/inventory", "any"],
  queryFn: async ({ signal }) =>
    (await answer(api.GET("/api/v1/inventory", { params: { query: { limit: 1 } }, signal }))).data.length > 0,
  staleTime: 0,
});

export const productCountQuery = queryOptions({
  queryKey: ["/api/v1/products", "count"],
  queryFn: async ({ signal }) => {
    const query = { "status[ne]": "archived", page: 1, limit: 1 };
    const { data, metadata } = await answer(api.GET("/api/v1/products", { params: { query }, signal }));
    return metadata?.total ?? data.length;
  },
  staleTime: 0,
});

export const latestMovementsQuery = queryOptions({
  queryKey: ["/api/v1/stock-movements", "latest"],
  queryFn: async ({ signal }) =>
    (await answer(api.GET("/api/v1/stock-movements", { params: { query: { limit: LATEST } }, signal }))).data,
  staleTime: 0,
});
