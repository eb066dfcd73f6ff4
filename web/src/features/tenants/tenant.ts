/** One tenant with its version, and how it is changed. */
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";

const TENANTS = "/api/v1/tenants";

export interface Loaded {
  tenant: Schema<"TenantDetailOut">;
  etag: string;
}

export const tenantQuery = (id: string) =>
  queryOptions({
    queryKey: [TENANTS, id],
    queryFn: async ({ signal }): Promise<Loaded> => {
      const { data, etag = "" } = await answer(api.GET("/api/v1/tenants/{id}", { params: { path: { id } }, signal }));
      return { tenant: data, etag };
    },
  });

/** States in which something is at work on it, or soon will be. */
const PASSING = new Set(["pending", "provisioning", "migrating", "moving", "restoring", "recovering"]);
const READ_AGAIN_MS = 3_000;

export function useTenant(id: string) {
  return useQuery({
    ...tenantQuery(id),
    refetchInterval: ({ state }) => (state.data && PASSING.has(state.data.tenant.state) ? READ_AGAIN_MS : false),
  });
}

/** Sends a change of the version that was read, and keeps what came of it. */
export function usePatchTenant(id: string) {
  const queries = useQueryClient();
  const { queryKey } = tenantQuery(id);
  return async (body: Schema<"TenantPatch">, etag: string): Promise<Loaded> => {
    const params = { path: { id }, header: { "If-Match": etag } };
    const changed = await answer(api.PATCH("/api/v1/tenants/{id}", { params, body }));
    const next = { tenant: changed.data, etag: changed.etag ?? "" };
    queries.setQueryData<Loaded>(queryKey, (before) => ({ ...next, tenant: { ...before?.tenant, ...next.tenant } }));
    void queries.invalidateQueries({ queryKey: [TENANTS] });
    void queries.invalidateQueries({ queryKey: ["/api/v1/admin/operations"] });
    void queries.invalidateQueries({ queryKey: ["/api/v1/admin/audit-logs"] });
    return next;
  };
}
