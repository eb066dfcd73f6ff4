/** Every version of every plan; they change rarely. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api";

export const planVersionsQuery = queryOptions({
  queryKey: ["/api/v1/admin/plans"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/admin/plans", { signal }))).data,
  staleTime: 60_000,
});
