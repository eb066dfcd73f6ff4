/** Every tenant of the platform. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useOperatorCan } from "@/app/operator-access";
import {
  ButtonLink,
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  Page,
  PeriodFilter,
  StatusBadge,
  Unread,
  useGridState,
  useList,
} from "@/ui";
import { overviewQuery } from "../overview/overview";
import { planVersionsQuery } from "../plans/plan-versions";
import { STATES } from "./states";

type Tenant = Schema<"TenantOut">;

const READ_AGAIN_MS = 15_000;

export function TenantsPage() {
  const { t } = useTranslation(["tenants", "ui"]);
  const can = useOperatorCan();
  const [state, change] = useGridState();
  const list = useList({ path: "/api/v1/tenants", state, interval: READ_AGAIN_MS });
  const versions = useQuery(planVersionsQuery);
  const plans = useMemo(() => new Map(versions.data?.map(({ key, name }) => [key, name])), [versions.data]);
  const overview = useQuery(overviewQuery);
  const servers = overview.data?.servers ?? [];
  const columns = useMemo<GridColumn<Tenant>[]>(
    () => [
      {
        id: "name",
        header: t("name"),
        cell: (row) => <span className="person-text">{row.name}</span>,
        sort: "name",
        width: 220,
        grows: true,
        isFixed: true,
      },
      { id: "slug", header: t("slug"), cell: (row) => <span className="code-text">{row.slug}</span>, sort: "slug" },
      {
        id: "state",
        header: t("state"),
        cell: (row) => <StatusBadge status={row.state} />,
        sort: "state",
        width: 150,
      },
      {
        id: "plan",
        header: t("plan"),
        cell: (row) => (row.plan && plans.get(row.plan)) ?? row.plan ?? "–",
        sort: "plan",
        width: 110,
      },
      { id: "server", header: t("server"), cell: (row) => <span className="code-text">{row.server}</span>, width: 120 },
      {
        id: "schema_version",
        header: t("schema_version"),
        cell: (row) => row.schema_version,
        sort: "schema_version",
        align: "end",
        width: 110,
        isHidden: true,
      },
      {
        id: "created_at",
        header: t("created_at"),
        cell: (row) => <Moment at={row.created_at} />,
        sort: "created_at",
        width: 150,
      },
      {
        id: "updated_at",
        header: t("updated_at"),
        cell: (row) => <Moment at={row.updated_at} />,
        sort: "updated_at",
        width: 150,
        isHidden: true,
      },
    ],
    [t, plans],
  );
  return (
    <Page
      title={t("title")}
      fill
      actions={
        can("platform.tenants.create") && (
          <ButtonLink to="/operator/tenants/new" variant="primary" icon="plus">
            {t("new")}
          </ButtonLink>
        )
      }
    >
      <GridToolbar
        id="tenants"
        columns={columns}
        defaultSort="-created_at"
        state={state}
        onState={change}
        searchLabel={t("search")}
      >
        <FilterMenu
          label={t("state")}
          choices={STATES.map((id) => ({ id, label: t(`ui:status.${id}`) }))}
          value={state.state}
          onChange={(chosen) => change({ state: chosen })}
        />
        {versions.isLoadingError ? (
          <Unread what={t("plan")} query={versions} />
        ) : (
          <FilterMenu
            label={t("plan")}
            choices={[...plans].map(([id, label]) => ({ id, label }))}
            value={state.plan}
            onChange={(plan) => change({ plan })}
          />
        )}
        {overview.isLoadingError && <Unread what={t("server")} query={overview} />}
        {servers.length > 1 && (
          <FilterMenu
            label={t("server")}
            choices={servers.map(({ name }) => ({ id: name, label: name }))}
            value={state.server}
            onChange={(server) => change({ server })}
          />
        )}
        <PeriodFilter label={t("created_at")} field="created_at" state={state} onState={change} />
      </GridToolbar>
      <DataGrid
        id="tenants"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        state={state}
        onState={change}
        defaultSort="-created_at"
        link={(row) => ({ to: "/operator/tenants/$id", params: { id: row.id } })}
        empty={
          <EmptyState icon="building-2" title={t("none")}>
            {t("none_text")}
          </EmptyState>
        }
        narrow={(row) => (
          <span className="flex items-center justify-between gap-3 font-normal">
            <span className="min-w-0">
              <span dir="auto" className="person-text block truncate font-medium">
                {row.name}
              </span>
              <span className="code-text block truncate text-xs text-muted">{row.slug}</span>
            </span>
            <StatusBadge status={row.state} />
          </span>
        )}
      />
    </Page>
  );
}
