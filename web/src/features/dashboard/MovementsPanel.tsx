/** How often stock moved from day to day, by kind, as a drawing or as a table. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Chart, EmptyState, Segments, Skeleton } from "@/ui";
import { byKind, KINDS, type Kind } from "./activity";
import { Panel } from "./Panel";
import { activityQuery, DAYS, type Days } from "./queries";
import { ReceiveLink } from "./ReceiveLink";

const HEIGHT = 260;
const COLORS = { receive: 1, issue: 2, transfer: 3, adjust: 4, return: 5, scrap: 6, other: 6 } as const;

/** Only what moved at all in this time: a legend of what is not there says nothing. */
function seriesOf(days: Schema<"ActivityDay">[]): Kind[] {
  return [...KINDS, "other" as const].filter((kind) => days.some((day) => byKind(day)[kind] > 0));
}

export function MovementsPanel() {
  const { t } = useTranslation("dashboard");
  const formats = useFormats();
  const [days, setDays] = useState<Days>("30");
  const [view, setView] = useState<"chart" | "table">("chart");
  const query = useQuery({ ...activityQuery(days), placeholderData: keepPreviousData });
  return (
    <Panel
      title={t("movements.title")}
      description={t("movements.text")}
      query={query}
      skeleton={<Skeleton className="h-72 rounded-lg" />}
      actions={
        <>
          <Segments
            label={t("movements.span")}
            value={days}
            onChange={setDays}
            choices={DAYS.map((id) => ({ id, label: t("movements.days", { count: Number(id) }) }))}
          />
          <Segments
            label={t("movements.view")}
            value={view}
            onChange={setView}
            choices={[
              { id: "chart", label: t("movements.chart") },
              { id: "table", label: t("movements.table") },
            ]}
          />
        </>
      }
    >
      {(activity) =>
        activity.days.every((day) => day.movements === 0) ? (
          <NothingMoved />
        ) : (
          <Chart
            kind="bar"
            isStacked
            isWhole
            asTable={view === "table"}
            height={HEIGHT}
            label={t("movements.label", { count: activity.days.length })}
            points={activity.days.map((day) => ({ x: formats.day(day.date), ...byKind(day) }))}
            series={seriesOf(activity.days).map((key) => ({
              key,
              label: t(`movements.kinds.${key}`),
              color: COLORS[key],
            }))}
            format={formats.number}
          />
        )
      }
    </Panel>
  );
}

function NothingMoved() {
  const { t } = useTranslation("dashboard");
  return (
    <EmptyState icon="chart-column" title={t("movements.none")} actions={<ReceiveLink />}>
      {t("movements.none_text")}
    </EmptyState>
  );
}
