/** How things stand, in four figures; each leads to what it counts. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { useFormats } from "@/i18n";
import { type IconName, Stat } from "@/ui";
import { paceOf } from "./activity";
import { activityQuery, LOW_LEVELS, lowLevelsQuery, productCountQuery } from "./queries";

export function Figures() {
  return (
    <div className="grid grid-cols-2 gap-3 empty:hidden xl:grid-cols-4">
      <PermissionGate permission="products.read">
        <Products />
      </PermissionGate>
      <PermissionGate permission="inventory.read">
        <RunningLow />
        <Moved />
      </PermissionGate>
    </div>
  );
}

function Products() {
  const { t } = useTranslation("dashboard");
  const formats = useFormats();
  return (
    <Figure
      label={t("figures.products")}
      icon="package"
      query={useQuery(productCountQuery)}
      value={formats.number}
      link={{ to: "/products" }}
    />
  );
}

function RunningLow() {
  const { t } = useTranslation("dashboard");
  const formats = useFormats();
  const query = useQuery(lowLevelsQuery);
  return (
    <Figure
      label={t("figures.low")}
      icon="triangle-alert"
      tone={query.data?.total ? "warning" : "neutral"}
      query={query}
      value={({ total }) => formats.number(total)}
      link={LOW_LEVELS}
    />
  );
}

function Moved() {
  const { t } = useTranslation("dashboard");
  const formats = useFormats();
  const query = useQuery(activityQuery("30"));
  const pace = query.data && paceOf(query.data.days);
  return (
    <>
      <Figure
        label={t("figures.today")}
        icon="activity"
        query={query}
        value={({ days }) => formats.number(paceOf(days).today)}
        link={{ to: "/stock-movements" }}
      />
      <Figure
        label={t("figures.week")}
        icon="chart-line"
        query={query}
        value={({ days }) => formats.number(paceOf(days).week)}
        hint={
          pace?.change !== undefined &&
          (Math.round(100 * pace.change) === 0
            ? t("figures.week_same")
            : t("figures.week_change", { change: formats.change(pace.change) }))
        }
        link={{ to: "/stock-movements" }}
      />
    </>
  );
}

interface FigureProps<Data> {
  label: string;
  icon: IconName;
  tone?: "neutral" | "warning";
  query: Pick<UseQueryResult<Data>, "data" | "error" | "refetch">;
  value: (data: Data) => string;
  hint?: ReactNode;
  link: LinkProps;
}

function Figure<Data>({ query: { data, error, refetch }, value, hint, ...look }: FigureProps<Data>) {
  const { t } = useTranslation(["dashboard", "ui"]);
  if (data === undefined && error)
    return (
      <Stat
        {...look}
        link={undefined}
        value="–"
        hint={
          <>
            {t("figures.unread")}{" "}
            <button type="button" className="text-link underline" onClick={() => void refetch()}>
              {t("ui:error.retry")}
            </button>
          </>
        }
      />
    );
  return <Stat {...look} value={data === undefined ? undefined : value(data)} hint={hint} />;
}
