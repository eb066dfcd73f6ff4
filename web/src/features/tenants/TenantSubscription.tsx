/** What a tenant has subscribed to: plan, price, periods, limits and features. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Facts, Moment, StatusBadge, Tag } from "@/ui";
import { useLimitName } from "../plans/useLimitName";

export function TenantSubscription({ subscription }: { subscription: Schema<"SubscriptionOut"> | undefined }) {
  const { t } = useTranslation("tenants");
  const formats = useFormats();
  const { limitName, featureName } = useLimitName();
  if (!subscription) return <p className="text-muted">{t("no_subscription")}</p>;
  const { plan, interval, trial_ends_at, current_period_end } = subscription;
  const price =
    interval === "year"
      ? t("price_year", { price: formats.money(plan.price_yearly) })
      : t("price_month", { price: formats.money(plan.price_monthly) });
  return (
    <Facts
      facts={[
        {
          label: t("plan"),
          value: (
            <span className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{t("plan_version", { plan: plan.name, version: plan.version })}</span>
              <StatusBadge status={subscription.state} />
            </span>
          ),
        },
        { label: t("price"), value: <span className="tabular">{price}</span> },
        trial_ends_at != null && { label: t("trial_ends_at"), value: <Moment at={trial_ends_at} exact /> },
        current_period_end != null && { label: t("period_end"), value: <Moment at={current_period_end} exact /> },
        ...Object.entries(plan.limits).map(([name, most]) => ({
          label: limitName(name),
          value: <span className="tabular">{t("at_most", { count: most })}</span>,
        })),
        plan.features.length > 0 && {
          label: t("features"),
          value: (
            <span className="flex flex-wrap gap-1">
              {plan.features.map((feature) => (
                <Tag key={feature}>{featureName(feature)}</Tag>
              ))}
            </span>
          ),
        },
      ]}
    />
  );
}
