/** Another state for a tenant, with the reason that its people are told. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import type { Schema } from "@/api";
import { TextAreaInput } from "@/ui";
import { useEditForm } from "../editing/useEditForm";
import type { DialogProps } from "./dialogs";
import { EditDialog } from "./EditDialog";
import { leadsBack, type SettableState } from "./states";
import { type Tenant, usePatchTenant } from "./tenant";

interface Input {
  state: string;
  state_reason?: string | undefined;
}

/** Whatever state it is in, it shall be another. */
function schemaOf(to: SettableState) {
  const reason = z.string().check(z.minLength(1), z.maxLength(500));
  return z.object({
    state: z.pipe(
      z.string(),
      z.transform((): string => to),
    ),
    state_reason: to === "suspended" ? reason : z.optional(reason),
  });
}

export function StateDialog({
  opened,
  to,
  onClose,
  onChanged,
}: DialogProps & { to: Exclude<SettableState, "active"> }) {
  const { t } = useTranslation("tenants");
  const patch = usePatchTenant(opened.id);
  const { state, state_reason } = opened;
  const form = useEditForm<Input, Schema<"TenantPatch">, Tenant>({
    schema: schemaOf(to),
    current: opened,
    toForm: (current) => ({ state: current.state, state_reason: "" }),
    toBody: (values) => values as Schema<"TenantPatch">,
    send: patch,
    onSuccess: (next) => onChanged(next, leadsBack(state, to) ? { state, state_reason } : undefined, t(`made.${to}`)),
  });
  return (
    <EditDialog
      form={form}
      title={t(`make.${to}`)}
      description={t(`make_text.${to}`)}
      variant={to === "suspended" ? "danger" : "primary"}
      onClose={onClose}
    >
      <TextAreaInput
        name="state_reason"
        label={t("state_reason")}
        description={t("state_reason_hint")}
        maxLength={500}
        rows={3}
        autoFocus
        isRequired={to === "suspended"}
      />
    </EditDialog>
  );
}
