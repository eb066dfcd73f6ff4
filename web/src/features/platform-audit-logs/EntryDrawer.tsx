/** One entry of the log with all that it says, and ways to what belongs with it. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Drawer, Facts, Moment } from "@/ui";
import { Changes } from "./Changes";
import { type Entry, useAuditWords } from "./words";

export function EntryDrawer({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const { t } = useTranslation("platform-audit-logs");
  const { actionName, actorName, entityName } = useAuditWords();
  const { entity_type, entity_id, actor_id, subject_id, request_id } = entry;
  // A subscription is its organization's, by the same id.
  const tenant = ["tenant", "subscription", "organization"].includes(entity_type) ? entity_id : undefined;
  return (
    <Drawer isOpen onClose={onClose} title={actionName(entry.action)}>
      <div className="grid gap-5">
        <Facts
          facts={[
            { label: t("recorded_at"), value: <Moment at={entry.recorded_at} exact /> },
            { label: t("actor"), value: <span className="person-text">{actorName(entry)}</span> },
            actor_id != null && {
              label: t("actor_id"),
              isLong: true,
              value: <Narrowing name="actor_id" value={actor_id} onPress={onClose} />,
            },
            { label: t("entity"), value: entityName(entity_type) },
            entity_id != null && {
              label: t("entity_id"),
              isLong: true,
              value: <Narrowing name="entity_id" value={entity_id} onPress={onClose} />,
            },
            subject_id != null && {
              label: t("subject"),
              isLong: true,
              value: <Narrowing name="subject_id" value={subject_id} onPress={onClose} />,
            },
            {
              label: t("request"),
              isLong: true,
              value: <Narrowing name="request_id" value={request_id} onPress={onClose} />,
            },
            { label: t("action"), value: <span className="code-text text-xs">{entry.action}</span> },
          ]}
        />
        {tenant && (
          <Link
            to="/operator/tenants/$id"
            params={{ id: tenant }}
            className="w-fit text-link underline underline-offset-2"
          >
            {t("to_tenant")}
          </Link>
        )}
        <Changes entry={entry} />
      </div>
    </Drawer>
  );
}

/** An id that leads to everything in the log with the same. */
function Narrowing({ name, value, onPress }: { name: string; value: string; onPress: () => void }) {
  return (
    <Link
      to="/operator/audit-logs"
      search={{ [name]: value }}
      onClick={onPress}
      className="code-text text-xs break-all text-link underline underline-offset-2"
    >
      {value}
    </Link>
  );
}
