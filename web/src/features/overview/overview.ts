/** How the platform stands, read anew while somebody looks. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api";

export const overviewQuery = queryOptions({
  queryKey: ["/api/v1/admin/overview"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/admin/overview", { signal }))).data,
});
