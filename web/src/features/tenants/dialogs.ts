/** What every dialog that changes a tenant is given. */
import type { Schema } from "@/api";
import type { Tenant } from "./tenant";

export type TenantDetail = Schema<"TenantDetailOut">;

export interface DialogProps {
  /** As it was when the dialog was opened. */
  opened: TenantDetail;
  onClose: () => void;
  /** It is done; `back` takes it back, where anything does. */
  onChanged: (next: Tenant, back: Schema<"TenantPatch"> | undefined, said: string) => void;
}
