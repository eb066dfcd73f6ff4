/** Why a tenant is in a state that is not the usual one, and until when a deletion can be taken back. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Icon } from "@/ui";

const GRAVE = new Set(["broken", "suspended", "deleting"]);

export function TenantReason({ tenant }: { tenant: Schema<"TenantOut"> }) {
  const { t } = useTranslation("tenants");
  const formats = useFormats();
  const { state, state_reason, erase_after } = tenant;
  const until =
    state === "deleting" && erase_after ? t("erased_after", { at: formats.dateTime(erase_after) }) : undefined;
  if (state === "active" || (!state_reason && !until)) return null;
  return (
    <div
      role="status"
      className={`flex gap-3 rounded-xl p-4 ${GRAVE.has(state) ? "bg-danger-soft text-danger-soft-foreground" : "bg-warning-soft text-warning-soft-foreground"}`}
    >
      <Icon name={GRAVE.has(state) ? "circle-alert" : "info"} className="mt-0.5 size-5" />
      <div className="min-w-0">
        {until && <p className="font-medium">{until}</p>}
        {state_reason && (
          <p dir="auto" className="person-text break-words">
            {state_reason}
          </p>
        )}
      </div>
    </div>
  );
}
