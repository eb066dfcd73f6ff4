/** What came in and went out from day to day, as a drawing or as a table. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { usePlaces } from "@/app/places";
import { useFormats } from "@/i18n";
import { ButtonLink, Chart, EmptyState, Segments, Skeleton } from "@/ui";
import { Panel } from "./Panel";
import { activityQuery, DAYS, type Days } from "./queries";

const HEIGHT = 260;

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
            asTable={view === "table"}
            height={HEIGHT}
            label={t("movements.label", { count: activity.days.length })}
            points={activity.days.map((day) => ({
              x: formats.day(day.date),
              in: day.quantity_in,
              out: day.quantity_out,
              movements: day.movements,
            }))}
            series={[
              { key: "in", label: t("movements.in"), color: 1 },
              { key: "out", label: t("movements.out"), color: 2 },
            ]}
            format={formats.number}
          />
        )
      }
    </Panel>
  );
}

function NothingMoved() {
  const { t } = useTranslation("dashboard");
  const receive = usePlaces()({ path: "/inventory/receive" });
  return (
    <EmptyState
      icon="chart-column"
      title={t("movements.none")}
      actions={
        receive && (
          <PermissionGate permission="inventory.receive">
            <ButtonLink {...receive} icon="package-plus">
              {t("receive")}
            </ButtonLink>
          </PermissionGate>
        )
      }
    >
      {t("movements.none_text")}
    </EmptyState>
  );
}
