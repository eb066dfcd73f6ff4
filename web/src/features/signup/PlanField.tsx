/** The plan to begin with: as cards, in the order of the price list. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { useField } from "@/ui/form/fields";
import { Skeleton } from "@/ui/Skeleton";

export function PlanField() {
  const { t } = useTranslation("signup");
  const formats = useFormats();
  const field = useField("plan");
  const plans = useQuery({
    queryKey: ["/api/v1/billing/plans"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/billing/plans", { signal }))).data,
    staleTime: 300_000,
  });
  // Without the list, the platform's default plan is taken: no reason to keep anybody out.
  if (plans.isError) return null;
  const chosen = field.value ?? plans.data?.[0]?.key;
  return (
    <fieldset>
      <legend className="mb-1.5 text-sm font-medium">{t("plan")}</legend>
      <div className="grid gap-2 sm:grid-cols-3">
        {plans.data?.map((plan) => {
          const isFree = decimal.sign(plan.price_monthly.amount) === 0;
          return (
            <label
              key={plan.key}
              className="flex cursor-pointer flex-col rounded-xl border border-border bg-surface p-3 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:ring-2 has-focus-visible:ring-focus"
            >
              <span className="flex items-center justify-between gap-2">
                <span className="font-semibold">{plan.name}</span>
                <input
                  type="radio"
                  name="plan"
                  value={plan.key}
                  checked={chosen === plan.key}
                  onChange={() => field.onChange(plan.key)}
                  className="size-4 accent-accent"
                />
              </span>
              <span className="mt-1 tabular">
                {isFree ? t("plan_free") : t("plan_month", { price: formats.money(plan.price_monthly) })}
              </span>
              {plan.trial_days > 0 && (
                <span className="text-xs text-muted">{t("plan_trial", { count: plan.trial_days })}</span>
              )}
            </label>
          );
        }) ?? [0, 1, 2].map((card) => <Skeleton key={card} className="h-20 rounded-xl" />)}
      </div>
    </fieldset>
  );
}
