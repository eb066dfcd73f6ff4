/** What is under way on tenants, what waits, what failed and what was done; read anew every few seconds. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import {
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  Page,
  PeriodFilter,
  useGridState,
  useList,
} from "@/ui";
import { OperationState } from "./OperationState";

type Operation = Schema<"OperationSummaryOut">;

const PATH = "/api/v1/admin/operations";
const READ_AGAIN_MS = 4_000;
const STATES = ["pending", "running", "succeeded", "failed", "undone"] as const;
const KINDS = ["provision", "delete"] as const;
const TROUBLES = ["is_failing", "is_stuck"] as const;

export function OperationsPage() {
  const { t } = useTranslation("operations");
  const formats = useFormats();
  const [state, change] = useGridState();
  const list = useList({ path: PATH, state, batch: 100, interval: READ_AGAIN_MS });
  const columns = useMemo<GridColumn<Operation>[]>(
    () => [
      {
        id: "tenant",
        header: t("tenant"),
        cell: (row) => <span className="person-text">{row.tenant.name}</span>,
        width: 200,
        grows: true,
        isFixed: true,
      },
      {
        id: "slug",
        header: t("slug"),
        cell: (row) => <span className="code-text">{row.tenant.slug}</span>,
        isHidden: true,
      },
      { id: "kind", header: t("kind"), cell: (row) => t(`kinds.${row.kind as "provision"}`), width: 110 },
      { id: "state", header: t("state"), cell: (row) => <OperationState operation={row} />, width: 190 },
      { id: "step", header: t("step"), cell: (row) => <StepCell operation={row} />, width: 220 },
      {
        id: "requested_by",
        header: t("requested_by"),
        cell: (row) => t(`requesters.${row.requested_by.kind as "user"}`, { defaultValue: row.requested_by.kind }),
        width: 130,
        isHidden: true,
      },
      {
        id: "created_at",
        header: t("created_at"),
        cell: (row) => <Moment at={row.created_at} />,
        sort: "created_at",
        width: 140,
      },
      {
        id: "took",
        header: t("took"),
        cell: (row) => {
          const ms = tookMs(row);
          return ms === undefined ? "" : formats.elapsed(ms);
        },
        align: "end",
        width: 100,
      },
    ],
    [t, formats],
  );
  const troubles = TROUBLES.filter((name) => state[name] === "true").join(",");
  return (
    <Page title={t("title")} description={t("text")} fill>
      <GridToolbar
        id="operations"
        columns={columns}
        defaultSort="-created_at"
        state={state}
        onState={change}
        searchLabel={t("search")}
      >
        <FilterMenu
          label={t("trouble")}
          choices={TROUBLES.map((id) => ({ id, label: t(`troubles.${id}`) }))}
          value={troubles}
          onChange={(chosen) =>
            change(
              Object.fromEntries(
                TROUBLES.map((name) => [name, chosen?.split(",").includes(name) ? "true" : undefined]),
              ),
            )
          }
        />
        <FilterMenu
          label={t("state")}
          choices={STATES.map((id) => ({ id, label: t(`standing.${id}`) }))}
          value={state.state}
          onChange={(chosen) => change({ state: chosen })}
        />
        <FilterMenu
          label={t("kind")}
          choices={KINDS.map((id) => ({ id, label: t(`kinds.${id}`) }))}
          value={state.kind}
          onChange={(kind) => change({ kind })}
        />
        <PeriodFilter label={t("created_at")} field="created_at" state={state} onState={change} />
        {(state["finished_at[gte]"] || state["finished_at[lt]"]) && (
          <PeriodFilter label={t("finished_at")} field="finished_at" state={state} onState={change} />
        )}
      </GridToolbar>
      <DataGrid
        id="operations"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        state={state}
        onState={change}
        defaultSort="-created_at"
        link={(row) => ({ to: "/operator/operations/$id", params: { id: row.id } })}
        empty={
          <EmptyState icon="activity" title={t("none")}>
            {t("none_text")}
          </EmptyState>
        }
        narrow={(row) => (
          <span className="flex items-center justify-between gap-3 font-normal">
            <span className="min-w-0">
              <span dir="auto" className="person-text block truncate font-medium">
                {row.tenant.name}
              </span>
              <span className="block truncate text-xs text-muted">
                {t(`kinds.${row.kind as "provision"}`)} · <Moment at={row.created_at} />
              </span>
            </span>
            <OperationState operation={row} />
          </span>
        )}
      />
    </Page>
  );
}

function StepCell({ operation }: { operation: Operation }) {
  const { t } = useTranslation("operations");
  // What ended it, or holds it up, rather than what would come next.
  const step = operation.error?.step ?? operation.step;
  return (
    <span className="flex items-baseline gap-2">
      <span className="text-muted tabular">
        {t("steps_done", { done: operation.steps_done, all: operation.steps })}
      </span>
      {step && <span className="truncate">{t(`step_names.${step as "reserve"}`, { defaultValue: step })}</span>}
    </span>
  );
}

/** From when somebody first worked on it to its end; nothing while it is under way. */
function tookMs({ started_at, finished_at }: Operation): number | undefined {
  return started_at && finished_at ? Date.parse(finished_at) - Date.parse(started_at) : undefined;
}
