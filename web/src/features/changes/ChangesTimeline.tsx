/** Entries of the audit log as a timeline: who did what, and what it was before. */
import { useTranslation } from "react-i18next";
import {
  Button,
  EmptyState,
  ErrorPanel,
  type IconName,
  type ListState,
  SkeletonText,
  Timeline,
  type Tone,
  useList,
} from "@/ui";
import { type AuditEntry, nameIn } from "../audit-logs/difference";
import { Actor, useAuditWords } from "../audit-logs/words";
import { type Change, changesOf } from "./changes";

interface Props {
  /** Filters of the log. */
  state: ListState;
  /** So many, and no more on request; without what differs. */
  most?: number;
}

export function ChangesTimeline({ state, most }: Props) {
  const { t } = useTranslation("changes");
  const entry = useEntry(most !== undefined);
  const list = useList({ path: "/api/v1/audit-logs", state, hasTotal: false, batch: most ?? 50 });
  const rows = most ? list.rows.slice(0, most) : list.rows;
  if (list.isPending) return <SkeletonText lines={6} />;
  if (list.problem) return <ErrorPanel error={list.problem} onRetry={list.retry} compact />;
  if (rows.length === 0) return <EmptyState icon="history" title={t("none")} />;
  return (
    <>
      <Timeline label={t("title")} entries={rows.map(entry)} />
      {list.hasMore && !most && (
        <div className="mt-4 flex justify-center">
          <Button isPending={list.isLoadingMore} onPress={list.loadMore}>
            {t("older")}
          </Button>
        </div>
      )}
    </>
  );
}

const VERBS: Record<string, { icon: IconName; tone: Tone }> = {
  create: { icon: "plus", tone: "success" },
  update: { icon: "pencil", tone: "accent" },
  archive: { icon: "archive", tone: "neutral" },
  restore: { icon: "rotate-ccw", tone: "success" },
  delete: { icon: "trash-2", tone: "danger" },
};

function useEntry(isBrief: boolean) {
  const { actionName } = useAuditWords();
  return (entry: AuditEntry) => {
    const verb = VERBS[entry.action.split(".")[1] ?? ""];
    const name = nameIn(entry);
    const changes = changesOf(entry);
    return {
      id: entry.id,
      icon: verb?.icon ?? "activity",
      tone: verb?.tone ?? "neutral",
      title: (
        <>
          {actionName(entry.action)} {name && <span className="person-text font-normal text-muted">{name}</span>}
        </>
      ),
      by: <Actor entry={entry} />,
      at: entry.recorded_at,
      body: !isBrief && changes.length > 0 && <Changes changes={changes} />,
    };
  };
}

function Changes({ changes }: { changes: Change[] }) {
  const { t } = useTranslation("changes");
  const { fieldName } = useAuditWords();
  return (
    <dl className="grid gap-1 rounded-lg bg-surface-secondary px-3 py-2 text-xs">
      {changes.map(({ field, before, after }) => (
        <div key={field} className="grid grid-cols-[7rem_minmax(0,1fr)] gap-2">
          <dt className="text-muted">{fieldName(field)}</dt>
          <dd className="min-w-0 break-words">
            <del className="person-text text-muted decoration-1">{before || t("nothing")}</del>{" "}
            <ins className="person-text no-underline">{after || t("nothing")}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
