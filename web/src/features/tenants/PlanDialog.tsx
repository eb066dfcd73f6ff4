/** Another plan for a tenant, granted at once. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { useFormats } from "@/i18n";
import { ErrorPanel, SelectInput } from "@/ui";
import { useEditForm } from "../editing/useEditForm";
import { planVersionsQuery } from "../plans/plan-versions";
import type { DialogProps } from "./dialogs";
import { EditDialog } from "./EditDialog";
import { type Tenant, usePatchTenant } from "./tenant";

const schema = z.object({ plan: z.string().check(z.minLength(1)) });

export function PlanDialog({ opened, onClose, onChanged }: DialogProps) {
  const { t } = useTranslation("tenants");
  const formats = useFormats();
  const patch = usePatchTenant(opened.id);
  const plans = useQuery(planVersionsQuery);
  const onSale = (plans.data ?? []).filter(({ status }) => status === "active");
  const { plan: before, subscription } = opened;
  // A trial, or a version that is no longer sold, does not come back with the plan's name.
  const comesBack =
    subscription?.state === "active" &&
    onSale.some(({ key, version }) => key === subscription.plan.key && version === subscription.plan.version);
  const form = useEditForm<{ plan: string }, { plan: string }, Tenant>({
    schema,
    current: opened,
    toForm: ({ plan }) => ({ plan: plan ?? "" }),
    toBody: ({ plan }) => ({ plan }),
    codes: { UNKNOWN_PLAN: "plan" },
    send: patch,
    onSuccess: (next) => onChanged(next, comesBack && before ? { plan: before } : undefined, t("plan_changed")),
  });
  return (
    <EditDialog
      form={form}
      title={t("change_plan")}
      description={subscription?.state === "trialing" ? t("change_plan_trial") : t("change_plan_text")}
      onClose={onClose}
    >
      {plans.error && !plans.data && <ErrorPanel error={plans.error} onRetry={() => void plans.refetch()} compact />}
      <SelectInput
        name="plan"
        label={t("plan")}
        isRequired
        choices={onSale.map(({ key, name, price_monthly }) => ({
          id: key,
          label: name,
          description: t("price_month", { price: formats.money(price_monthly) }),
        }))}
      />
    </EditDialog>
  );
}
