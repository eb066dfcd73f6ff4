/** One column a version of a plan, one row what it has. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Badge, Icon } from "@/ui";
import { useLimitName } from "./useLimitName";

type Plan = Schema<"PlanStandingOut">;

export function PlanTable({ plans }: { plans: Plan[] }) {
  const { t } = useTranslation("plans");
  const formats = useFormats();
  const { limitName, featureName } = useLimitName();
  const limits = [...new Set(plans.flatMap((plan) => Object.keys(plan.limits)))];
  const features = [...new Set(plans.flatMap((plan) => plan.features))];
  const row = (label: string, cell: (plan: Plan) => ReactNode) => (
    <tr key={label} className="border-t border-separator">
      <RowHead>{label}</RowHead>
      {plans.map((plan) => (
        <td key={`${plan.key} ${plan.version}`} className="px-4 py-2.5 tabular">
          {cell(plan)}
        </td>
      ))}
    </tr>
  );
  const head = (label: string) => (
    <tr key={label} className="border-t border-separator bg-surface-secondary">
      <th scope="rowgroup" colSpan={plans.length + 1} className="px-4 py-1.5 text-start text-xs font-medium text-muted">
        <span className="sticky start-4">{label}</span>
      </th>
    </tr>
  );
  return (
    <section
      aria-label={t("title")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative scrollbar overflow-x-auto rounded-xl border border-border bg-surface shadow-surface"
    >
      <table className="w-full border-collapse text-start">
        <thead>
          <tr className="align-top">
            <td className="sticky start-0 z-10 w-40 min-w-28 bg-surface" />
            {plans.map((plan) => (
              <th key={`${plan.key} ${plan.version}`} scope="col" className="min-w-44 px-4 py-4 text-start font-normal">
                <span className="flex flex-wrap items-center gap-2">
                  <span className="text-base font-semibold">{plan.name}</span>
                  <Badge tone={plan.status === "active" ? "success" : "neutral"}>
                    {t(`statuses.${plan.status as "active"}`, { defaultValue: plan.status })}
                  </Badge>
                </span>
                <span className="mt-0.5 block text-xs text-muted">
                  <span className="code-text">{plan.key}</span> · {t("version", { version: plan.version })}
                </span>
                <span className="person-text mt-1.5 block text-pretty text-muted">{plan.description}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {head(t("prices"))}
          {row(t("monthly"), (plan) => formats.money(plan.price_monthly))}
          {row(t("yearly"), (plan) => formats.money(plan.price_yearly))}
          {row(t("trial"), (plan) => (plan.trial_days > 0 ? t("days", { count: plan.trial_days }) : "–"))}
        </tbody>
        <tbody>
          {head(t("limits_title"))}
          {limits.map((name) =>
            row(limitName(name), ({ limits: most }) =>
              name in most ? formats.number(most[name] ?? 0) : t("unlimited"),
            ),
          )}
        </tbody>
        <tbody>
          {head(t("features_title"))}
          {features.map((name) => row(featureName(name), (plan) => <Has has={plan.features.includes(name)} />))}
        </tbody>
        <tbody>
          {head(t("subscribers"))}
          {row(t("total"), (plan) => (
            <Link
              to="/operator/tenants"
              search={{ plan: plan.key }}
              className="font-semibold text-link underline underline-offset-2"
            >
              {formats.number(plan.subscribers.total)}
              <span className="sr-only"> {t("tenants_on", { plan: plan.name })}</span>
            </Link>
          ))}
          {row(t("active"), (plan) => formats.number(plan.subscribers.active))}
          {row(t("trialing"), (plan) => formats.number(plan.subscribers.trialing))}
          {row(t("past_due"), (plan) => formats.number(plan.subscribers.past_due))}
        </tbody>
      </table>
    </section>
  );
}

function RowHead({ children }: { children: string }) {
  return (
    <th scope="row" className="sticky start-0 z-10 bg-surface px-4 py-2.5 text-start font-normal text-muted">
      {children}
    </th>
  );
}

function Has({ has }: { has: boolean }) {
  const { t } = useTranslation("plans");
  return (
    <>
      <Icon name={has ? "check" : "minus"} className={`size-4 align-middle ${has ? "text-success" : "text-muted"}`} />
      <span className="sr-only">{has ? t("yes") : t("no")}</span>
    </>
  );
}
