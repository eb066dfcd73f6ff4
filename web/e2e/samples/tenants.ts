import { operatorToken } from "../operators";
import { call } from "../people";
import type { Samples } from "../routes";

/** The tenant of the founder, and what built it. */
export const samples: Samples = async ({ slug }) => {
  const token = await operatorToken();
  const [tenant] = await call<{ id: string; last_operation_id: string }[]>("GET", `/tenants?q=${slug}`, { token });
  return {
    "/operator/tenants/$id": `/operator/tenants/${tenant?.id}`,
    "/operator/operations/$id": `/operator/operations/${tenant?.last_operation_id}`,
  };
};
