/** The operations on a tenant, the newest first. */
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api";

const SHOWN = 10;
const READ_AGAIN_MS = 10_000;

export function useTenantOperations(tenant: string) {
  return useQuery({
    queryKey: ["/api/v1/admin/operations", "list", "of", tenant],
    queryFn: async ({ signal }) => {
      const query = { tenant_id: tenant, limit: SHOWN };
      return (await answer(api.GET("/api/v1/admin/operations", { params: { query }, signal }))).data;
    },
    refetchInterval: READ_AGAIN_MS,
  });
}
