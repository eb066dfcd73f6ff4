/** Who did what on the platform: operators, people with their accounts, the platform itself. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { OperatorGate } from "@/app/operator-access";
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
import { ACTIONS, ACTOR_KINDS } from "./actions";
import { EntryDrawer } from "./EntryDrawer";
import { NarrowedBy } from "./NarrowedBy";
import { type Entry, useAuditWords } from "./words";

export function AuditLogsPage() {
  return (
    <OperatorGate permission="platform.audit_logs.read">
      <AuditLogs />
    </OperatorGate>
  );
}

function AuditLogs() {
  const { t } = useTranslation("platform-audit-logs");
  const words = useAuditWords();
  const { actionName, actorName, entityName } = words;
  const [state, change] = useGridState();
  const [opened, setOpened] = useState<Entry>();
  const list = useList({ path: "/api/v1/admin/audit-logs", state, batch: 100, hasTotal: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language, and so does t
  const columns = useMemo<GridColumn<Entry>[]>(
    () => [
      {
        id: "action",
        header: t("action"),
        cell: (row) => actionName(row.action),
        width: 200,
        grows: true,
        isFixed: true,
      },
      {
        id: "recorded_at",
        header: t("recorded_at"),
        cell: (row) => <Moment at={row.recorded_at} exact />,
        sort: "seq",
        width: 180,
      },
      {
        id: "actor",
        header: t("actor"),
        cell: (row) => <span className="person-text">{actorName(row)}</span>,
        width: 160,
      },
      { id: "entity", header: t("entity"), cell: (row) => entityName(row.entity_type), width: 130 },
      {
        id: "entity_id",
        header: t("entity_id"),
        cell: (row) => <Id id={row.entity_id} />,
        width: 290,
      },
      {
        id: "request_id",
        header: t("request"),
        cell: (row) => <Id id={row.request_id} />,
        width: 290,
        isHidden: true,
      },
    ],
    [t],
  );
  return (
    <Page title={t("title")} description={t("text")} fill>
      <GridToolbar id="platform-audit-logs" columns={columns} defaultSort="-seq" state={state} onState={change}>
        <FilterMenu
          label={t("action")}
          choices={ACTIONS.map((id) => ({ id, label: actionName(id) }))}
          value={state.action}
          onChange={(action) => change({ action })}
        />
        <FilterMenu
          label={t("actor")}
          choices={ACTOR_KINDS.map((id) => ({ id, label: t(`actors.${id}`) }))}
          value={state.actor_kind}
          onChange={(actor_kind) => change({ actor_kind })}
        />
        <PeriodFilter label={t("recorded_at")} field="recorded_at" state={state} onState={change} />
        <NarrowedBy state={state} onState={change} />
      </GridToolbar>
      <DataGrid
        id="platform-audit-logs"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        state={state}
        onState={change}
        defaultSort="-seq"
        onOpen={setOpened}
        empty={<EmptyState icon="history" title={t("none")} />}
        narrow={(row) => (
          <span className="block min-w-0">
            <span className="block truncate font-medium">{actionName(row.action)}</span>
            <span dir="auto" className="person-text block truncate text-xs text-muted">
              {actorName(row)} · <Moment at={row.recorded_at} />
            </span>
          </span>
        )}
      />
      {opened && <EntryDrawer entry={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  );
}

function Id({ id }: { id: string | null | undefined }) {
  return (
    <span dir="ltr" className="person-text block truncate font-mono text-xs">
      {id}
    </span>
  );
}
