/** Another plan for a tenant, granted at once. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { useFormats } from "@/i18n";
import { SelectInput } from "@/ui";
import { planVersionsQuery } from "../plans/plan-versions";
import type { DialogProps } from "./dialogs";
import { FormDialog } from "./FormDialog";
import { useTenantForm } from "./useTenantForm";

const schema = z.object({ plan: z.string().check(z.minLength(1)) });

export function PlanDialog({ opened, onClose, onChanged }: DialogProps) {
  const { t } = useTranslation("tenants");
  const formats = useFormats();
  const versions = useQuery(planVersionsQuery).data ?? [];
  const { subscription } = opened.tenant;
  const onSale = versions.filter(({ status }) => status === "active");
  // A trial, or a version that is no longer sold, does not come back with the plan's name.
  const comesBack =
    subscription?.state === "active" &&
    onSale.some(({ key, version }) => key === subscription.plan.key && version === subscription.plan.version);
  const form = useTenantForm({
    opened,
    schema,
    defaults: { plan: opened.tenant.plan ?? "" },
    patchOf: ({ plan }) => ({ plan }),
    onChanged: (next, before) =>
      onChanged(next, comesBack && before.tenant.plan ? { plan: before.tenant.plan } : undefined, t("plan_changed")),
  });
  return (
    <FormDialog
      form={form}
      title={t("change_plan")}
      description={subscription?.state === "trialing" ? t("change_plan_trial") : t("change_plan_text")}
      submitLabel={t("change_plan")}
      onClose={onClose}
    >
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
    </FormDialog>
  );
}
