/** The plan, what it grants, and how much of that is in use. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { useMe } from "@/app/access";
import { useFormats } from "@/i18n";
import { Badge, ErrorPanel, Facts, Meter, Moment, Section, SkeletonText, StatusBadge } from "@/ui";
import { useUsage } from "./useUsage";

export function PlanPart() {
  const { t } = useTranslation("organization");
  const { data, error, refetch } = useQuery({
    queryKey: ["/api/v1/billing/subscription"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/billing/subscription", { signal })),
  });
  return (
    <Section title={t("plan")}>
      {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
      {!data && !error && <SkeletonText lines={5} />}
      {data && <Plan subscription={data.data} />}
    </Section>
  );
}

function Plan({ subscription }: { subscription: Schema<"SubscriptionOut"> }) {
  const { t } = useTranslation("organization");
  const formats = useFormats();
  const { entitlements } = useMe();
  const { usage, problem, retry } = useUsage();
  const { plan, interval, state, trial_ends_at, current_period_end } = subscription;
  const price = interval === "year" ? plan.price_yearly : plan.price_monthly;
  return (
    <div className="grid gap-5">
      <Facts
        facts={[
          { label: t("plan_name"), value: <span className="font-semibold">{plan.name}</span> },
          { label: t("state"), value: <StatusBadge status={state} /> },
          {
            label: t("price"),
            value: t(interval === "year" ? "per_year" : "per_month", { price: formats.money(price) }),
          },
          trial_ends_at ? { label: t("trial_ends_at"), value: <Moment at={trial_ends_at} exact /> } : undefined,
          current_period_end ? { label: t("period_end"), value: <Moment at={current_period_end} exact /> } : undefined,
        ]}
      />
      {problem && <ErrorPanel error={problem} onRetry={retry} compact />}
      <ul className="grid gap-4 sm:grid-cols-3">
        {usage.map(({ name, used }) => (
          <Usage key={name} label={t(`limits.${name}`)} used={used} limit={entitlements.limits[name]} />
        ))}
      </ul>
      {entitlements.features.length > 0 && (
        <div>
          <p className="mb-1.5 text-xs text-muted">{t("features")}</p>
          <p className="flex flex-wrap gap-1.5">
            {entitlements.features.map((feature) => (
              <Badge key={feature} icon="check">
                {t(`feature_names.${feature as "imports"}`, { defaultValue: feature.replaceAll("_", " ") })}
              </Badge>
            ))}
          </p>
        </div>
      )}
    </div>
  );
}

function Usage({ label, used, limit }: { label: string; used: number | undefined; limit: number | undefined }) {
  const { t } = useTranslation("organization");
  const formats = useFormats();
  const count = used === undefined ? "…" : formats.number(used);
  const isFull = limit !== undefined && used !== undefined && used >= limit;
  return (
    <li className="rounded-lg border border-border p-3">
      <p className="text-xs text-muted">{label}</p>
      <p className="mt-0.5 font-semibold tabular">
        {limit === undefined ? t("unlimited", { used: count }) : t("of", { used: count, limit: formats.number(limit) })}
      </p>
      {limit !== undefined && (
        <div className="mt-2">
          <Meter label={label} value={used ?? 0} max={limit} tone={isFull ? "danger" : "accent"} />
        </div>
      )}
    </li>
  );
}
