/** Who did what in the organization, newest first. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, useCan } from "@/app/access";
import {
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  type ListState,
  Moment,
  Page,
  PeriodFilter,
  SearchField,
  Tag,
  useFocusAfterRemoval,
  useGridState,
  useList,
} from "@/ui";
import { PeopleFilter } from "../users/PeopleFilter";
import { usePersonName } from "../users/people";
import { type AuditEntry, nameIn } from "./difference";
import { EntryDrawer } from "./EntryDrawer";
import { ACTIONS, ACTOR_KINDS, Actor, ENTITIES, useAuditWords } from "./words";

export function AuditLogsPage() {
  return (
    <PageGate permission="audit_logs.read">
      <AuditLog />
    </PageGate>
  );
}

function AuditLog() {
  const { t } = useTranslation("audit-logs");
  const [state, setState] = useGridState();
  const [open, setOpen] = useState<AuditEntry>();
  const list = useList({ path: "/api/v1/audit-logs", state, hasTotal: false });
  const columns = useColumns();
  return (
    <Page fill title={t("title")} description={t("description")}>
      <GridToolbar id="audit-logs" columns={columns} defaultSort="-seq" state={state} onState={setState}>
        <Filters state={state} onState={setState} />
      </GridToolbar>
      <DataGrid
        id="audit-logs"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="-seq"
        onOpen={setOpen}
        narrow={(entry) => <Narrow entry={entry} />}
        empty={
          <EmptyState icon="history" title={t("none")}>
            {t("none_text")}
          </EmptyState>
        }
      />
      {open && <EntryDrawer entry={open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

/** Filters that only links set: they are named, and can be taken away. */
const BY_LINK = ["entity_id", "subject_id"] as const;

function Filters({ state, onState }: { state: ListState; onState: (change: ListState) => void }) {
  const { t } = useTranslation("audit-logs");
  const words = useAuditWords();
  const can = useCan();
  const narrowing = BY_LINK.filter((name) => state[name]);
  const tags = useFocusAfterRemoval<HTMLSpanElement>(narrowing);
  return (
    <>
      <SearchField
        label={t("find_request")}
        value={state.request_id ?? ""}
        onChange={(request_id) => onState({ request_id })}
      />
      {can("users.read") && (
        <PeopleFilter label={t("who")} value={state.actor_id} onChange={(actor_id) => onState({ actor_id })} />
      )}
      <FilterMenu
        label={t("kind")}
        choices={ACTOR_KINDS.map((id) => ({ id, label: words.actorKind(id) }))}
        value={state.actor_kind}
        onChange={(actor_kind) => onState({ actor_kind })}
      />
      <FilterMenu
        label={t("action")}
        choices={ACTIONS.map((id) => ({ id, label: words.actionName(id) }))}
        value={state.action}
        onChange={(action) => onState({ action })}
      />
      <FilterMenu
        label={t("thing")}
        choices={ENTITIES.map((id) => ({ id, label: words.entityName(id) }))}
        value={state.entity_type}
        onChange={(entity_type) => onState({ entity_type })}
      />
      <PeriodFilter label={t("when")} field="recorded_at" state={state} onState={onState} />
      <span ref={tags} className="contents">
        {narrowing.map((name) => (
          <span key={name} data-row={name} className="max-w-full">
            <LinkedBy name={name} value={state[name] ?? ""} onRemove={() => onState({ [name]: undefined })} />
          </span>
        ))}
      </span>
    </>
  );
}

function LinkedBy({ name, value, onRemove }: { name: (typeof BY_LINK)[number]; value: string; onRemove: () => void }) {
  const { t } = useTranslation("audit-logs");
  const label = t(`by_link.${name}`);
  const person = usePersonName(value, name === "subject_id");
  return (
    <Tag removeLabel={t("remove_filter", { name: label })} onRemove={onRemove}>{`${label}: ${person ?? value}`}</Tag>
  );
}

function useColumns() {
  const { t, i18n } = useTranslation("audit-logs");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words change with the language
  return useMemo<GridColumn<AuditEntry>[]>(
    () => [
      {
        id: "recorded_at",
        header: t("when"),
        sort: "seq",
        width: 180,
        isFixed: true,
        cell: ({ recorded_at }) => <Moment at={recorded_at} exact />,
      },
      { id: "actor", header: t("who"), width: 180, cell: (entry) => <Actor entry={entry} /> },
      { id: "action", header: t("action"), width: 230, cell: (entry) => <Action entry={entry} /> },
      { id: "thing", header: t("thing"), width: 240, grows: true, cell: (entry) => <Thing entry={entry} /> },
      {
        id: "request_id",
        header: t("request_id"),
        width: 300,
        isHidden: true,
        cell: ({ request_id }) => <span className="code-text">{request_id}</span>,
      },
    ],
    [t, i18n.language],
  );
}

function Action({ entry }: { entry: AuditEntry }) {
  return <span className="font-medium">{useAuditWords().actionName(entry.action)}</span>;
}

function Thing({ entry }: { entry: AuditEntry }) {
  const words = useAuditWords();
  const name = nameIn(entry);
  return (
    <>
      <span className="text-muted">{words.entityName(entry.entity_type)}</span>
      {name && <span className="person-text ms-2">{name}</span>}
    </>
  );
}

function Narrow({ entry }: { entry: AuditEntry }) {
  return (
    <span className="grid grid-cols-1 gap-1">
      <span className="flex items-center justify-between gap-3">
        <span className="truncate">
          <Action entry={entry} />
        </span>
        <span className="shrink-0 text-xs text-muted">
          <Moment at={entry.recorded_at} />
        </span>
      </span>
      <span className="truncate text-xs text-muted">
        <Actor entry={entry} /> · <Thing entry={entry} />
      </span>
    </span>
  );
}
