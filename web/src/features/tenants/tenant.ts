/** One tenant, and how it is changed. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";
import type { Changes } from "../editing/patch";

const TENANTS = "/api/v1/tenants";

export type Tenant = Schema<"TenantOut">;

export const tenantQuery = (id: string) =>
  queryOptions({
    queryKey: [TENANTS, id],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/tenants/{id}", { params: { path: { id } }, signal }))).data,
  });

/** States in which something is at work on it, or soon will be. */
const PASSING = new Set(["pending", "provisioning", "migrating", "moving", "restoring", "recovering"]);
const READ_AGAIN_MS = 3_000;

export function useTenant(id: string) {
  return useQuery({
    ...tenantQuery(id),
    refetchInterval: ({ state }) => (state.data && PASSING.has(state.data.state) ? READ_AGAIN_MS : false),
  });
}

/** Sends a change of the version that was read, and keeps what came of it. */
export function usePatchTenant(id: string) {
  const queries = useQueryClient();
  const { queryKey } = tenantQuery(id);
  return async (patch: Changes<Schema<"TenantPatch">>, etag: string): Promise<{ data: Tenant }> => {
    const params = { path: { id }, header: { "If-Match": etag } };
    const body = patch as Schema<"TenantPatch">;
    const changed = await answer(api.PATCH("/api/v1/tenants/{id}", { params, body }));
    queries.setQueryData(queryKey, (before) => ({ ...before, ...changed.data }));
    for (const path of [TENANTS, "/api/v1/admin/operations", "/api/v1/admin/audit-logs"])
      void queries.invalidateQueries({ queryKey: [path] });
    return changed;
  };
}
