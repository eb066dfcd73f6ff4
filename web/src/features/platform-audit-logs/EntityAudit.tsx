/** What the platform's log says about one thing, the newest first. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api";
import { ErrorPanel, Section, SkeletonText, Timeline } from "@/ui";
import { Changes } from "./Changes";
import { lookOf, useAuditWords } from "./words";

const PATH = "/api/v1/admin/audit-logs";
const SHOWN = 12;

export function EntityAudit({ entity }: { entity: string }) {
  const { t } = useTranslation("platform-audit-logs");
  const { actionName, actorName } = useAuditWords();
  const log = useQuery({
    queryKey: [PATH, "of", entity],
    queryFn: async ({ signal }) =>
      (await answer(api.GET(PATH, { params: { query: { entity_id: entity, limit: SHOWN } }, signal }))).data,
  });
  return (
    <Section
      title={t("title")}
      actions={
        <Link
          to="/operator/audit-logs"
          search={{ entity_id: entity }}
          className="text-link underline underline-offset-2"
        >
          {t("all")}
        </Link>
      }
    >
      {log.error && <ErrorPanel error={log.error} onRetry={() => void log.refetch()} compact />}
      {log.isPending && <SkeletonText lines={5} />}
      {log.data?.length === 0 && <p className="text-muted">{t("none_here")}</p>}
      {log.data && (
        <Timeline
          label={t("title")}
          entries={log.data.map((entry) => ({
            id: entry.id,
            ...lookOf(entry.action),
            title: actionName(entry.action),
            by: <span className="person-text">{actorName(entry)}</span>,
            at: entry.recorded_at,
            body: <Changes entry={entry} />,
          }))}
        />
      )}
    </Section>
  );
}
