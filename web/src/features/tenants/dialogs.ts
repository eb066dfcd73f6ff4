/** What every dialog that changes a tenant is given. */
import type { Schema } from "@/api";
import type { Loaded } from "./tenant";

export interface DialogProps {
  opened: Loaded;
  onClose: () => void;
  /** It is done; `back` takes it back, where anything does. */
  onChanged: (next: Loaded, back: Schema<"TenantPatch"> | undefined, said: string) => void;
}
