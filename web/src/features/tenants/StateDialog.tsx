/** Another state for a tenant, with the reason that its people are told. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { TextAreaInput } from "@/ui";
import type { DialogProps } from "./dialogs";
import { FormDialog } from "./FormDialog";
import { leadsBack, type SettableState } from "./states";
import { useTenantForm } from "./useTenantForm";

type Closing = Exclude<SettableState, "active">;

const reason = z.string().check(z.minLength(1), z.maxLength(500));
const required = z.object({ state_reason: reason });
const optional = z.object({ state_reason: z.optional(reason) });

export function StateDialog({ opened, to, onClose, onChanged }: DialogProps & { to: Closing }) {
  const { t } = useTranslation("tenants");
  const isRequired = to === "suspended";
  const form = useTenantForm<{ state_reason?: string | undefined }>({
    opened,
    schema: isRequired ? required : optional,
    defaults: { state_reason: "" },
    patchOf: ({ state_reason = null }) => ({ state: to, state_reason }),
    onChanged: (next, { tenant: { state, state_reason } }) =>
      onChanged(next, leadsBack(state, to) ? { state, state_reason } : undefined, t(`made.${to}`)),
  });
  return (
    <FormDialog
      form={form}
      title={t(`make.${to}`)}
      description={t(`make_text.${to}`)}
      submitLabel={t(`make.${to}`)}
      submitVariant={to === "suspended" ? "danger" : "primary"}
      onClose={onClose}
    >
      <TextAreaInput
        name="state_reason"
        label={t("state_reason")}
        description={t("state_reason_hint")}
        maxLength={500}
        rows={3}
        autoFocus
        isRequired={isRequired}
      />
    </FormDialog>
  );
}
