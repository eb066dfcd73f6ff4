/** What runs, and ran, in the background. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate } from "@/app/access";
import { useFormats } from "@/i18n";
import {
  Badge,
  ButtonLink,
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  Page,
  StatusBadge,
  useGridState,
  useList,
} from "@/ui";
import { ActorName } from "../stock-movements/ActorName";
import { fractionOf, goesOn, isDryRun, type Job, KINDS, STATES } from "./job";

const OFTEN_MS = 3_000;

export function JobsPage() {
  return (
    <PageGate permission="jobs.read">
      <Jobs />
    </PageGate>
  );
}

function Jobs() {
  const { t } = useTranslation("jobs");
  const { t: ui } = useTranslation("ui");
  const formats = useFormats();
  const [state, setState] = useGridState();
  const list = useList({ path: "/api/v1/jobs", state, batch: 100, interval: OFTEN_MS });
  const columns = useMemo<GridColumn<Job>[]>(
    () => [
      {
        id: "kind",
        header: t("kind"),
        width: 260,
        grows: true,
        isFixed: true,
        cell: (job) => <Kind job={job} />,
      },
      { id: "state", header: t("state"), width: 130, cell: ({ state }) => <StatusBadge status={state} /> },
      {
        id: "progress",
        header: t("progress"),
        width: 110,
        align: "end",
        cell: (job) => {
          const fraction = fractionOf(job);
          return goesOn(job) && fraction !== undefined ? formats.percent(fraction) : "";
        },
      },
      {
        id: "created_by",
        header: t("by"),
        width: 170,
        cell: ({ created_by }) => <ActorName kind={created_by ? "user" : "system"} id={created_by} />,
      },
      {
        id: "created_at",
        header: t("created_at"),
        sort: "created_at",
        width: 150,
        cell: ({ created_at }) => <Moment at={created_at} />,
      },
    ],
    [t, formats],
  );
  return (
    <Page
      fill
      title={t("title")}
      description={t("text")}
      actions={
        <>
          <PermissionGate permission="inventory.import" feature="imports">
            <ButtonLink to="/imports/$kind" params={{ kind: "stock-movements" }} icon="upload">
              {t("import_movements")}
            </ButtonLink>
          </PermissionGate>
          <PermissionGate permission="products.import" feature="imports">
            <ButtonLink to="/imports/$kind" params={{ kind: "products" }} icon="upload">
              {t("import_products")}
            </ButtonLink>
          </PermissionGate>
        </>
      }
    >
      <GridToolbar id="jobs" columns={columns} defaultSort="-created_at" state={state} onState={setState}>
        <FilterMenu
          label={t("kind")}
          choices={KINDS.map((id) => ({ id, label: t(`kinds.${id}`) }))}
          value={state.kind}
          onChange={(kind) => setState({ kind })}
        />
        <FilterMenu
          label={t("state")}
          choices={STATES.map((id) => ({ id, label: ui(`status.${id}`) }))}
          value={state.state}
          onChange={(next) => setState({ state: next })}
        />
      </GridToolbar>
      <DataGrid
        id="jobs"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="-created_at"
        link={({ id }) => ({ to: "/jobs/$id", params: { id } })}
        empty={
          <EmptyState icon="list-checks" title={t("none")}>
            {t("none_text")}
          </EmptyState>
        }
        narrow={(job) => (
          <span className="flex items-center justify-between gap-3">
            <span className="min-w-0">
              <Kind job={job} />
              <span className="mt-0.5 block text-xs font-normal text-muted">
                <Moment at={job.created_at} />
              </span>
            </span>
            <StatusBadge status={job.state} />
          </span>
        )}
      />
    </Page>
  );
}

function Kind({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span className="truncate">{t(`kinds.${job.kind as "imports.products"}`, { defaultValue: job.kind })}</span>
      {isDryRun(job) && <Badge tone="info">{t("dry_run")}</Badge>}
    </span>
  );
}
