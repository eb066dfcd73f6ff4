/** Tries again what failed on a tenant: at once where something waits for its next try, anew where it was given up. */
import { answer, api, type Schema, useWrite } from "@/api";
import { toast } from "@/ui";

export function useRetry(onBegun?: (operation: Schema<"OperationOut">) => void) {
  return useWrite<string, Schema<"OperationOut">>({
    send: async (id, { key }) => {
      const params = { path: { id }, header: { "Idempotency-Key": key } };
      return (await answer(api.POST("/api/v1/tenants/{id}/retry", { params }))).data;
    },
    invalidates: [
      ["/api/v1/tenants"],
      ["/api/v1/admin/operations"],
      ["/api/v1/admin/overview"],
      ["/api/v1/admin/audit-logs"],
    ],
    onSuccess: onBegun,
    onError: toast.problem,
  });
}
