/** One entry of the log: who, what, when, in which request, and what it was before. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { Copyable, DiffTable, Drawer, Facts, Moment } from "@/ui";
import { type AuditEntry, differencesOf, nameIn } from "./difference";
import { Value } from "./Value";
import { Actor, useAuditWords } from "./words";

export function EntryDrawer({ entry, onClose }: { entry: AuditEntry; onClose: () => void }) {
  const { t } = useTranslation("audit-logs");
  const words = useAuditWords();
  const name = nameIn(entry);
  return (
    <Drawer
      isOpen
      onClose={onClose}
      size="lg"
      title={words.actionName(entry.action)}
      description={name && <span className="person-text">{name}</span>}
    >
      <div className="grid gap-5">
        <Particulars entry={entry} />
        <Changes entry={entry} />
        <p>
          <Link
            to="/audit-logs"
            search={{ request_id: entry.request_id }}
            onClick={onClose}
            className="text-link underline"
          >
            {t("same_request")}
          </Link>
          {entry.entity_id && (
            <>
              {" · "}
              <Link
                to="/audit-logs"
                search={{ entity_id: entry.entity_id }}
                onClick={onClose}
                className="text-link underline"
              >
                {t("same_thing")}
              </Link>
            </>
          )}
        </p>
      </div>
    </Drawer>
  );
}

function Particulars({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit-logs");
  const can = useCan();
  const words = useAuditWords();
  const actor = <Actor entry={entry} />;
  const isOpenable = entry.actor_kind === "user" && entry.actor_id && can("users.read");
  return (
    <Facts
      facts={[
        { label: t("when"), value: <Moment at={entry.recorded_at} exact /> },
        {
          label: t("who"),
          value: isOpenable ? (
            <Link to="/users/$userId" params={{ userId: entry.actor_id ?? "" }} className="text-link underline">
              {actor}
            </Link>
          ) : (
            actor
          ),
        },
        { label: t("thing"), value: words.entityName(entry.entity_type) },
        { label: t("action"), value: <span className="code-text">{entry.action}</span> },
        entry.entity_id
          ? { label: t("entity_id"), value: <Copyable text={entry.entity_id} label={t("entity_id")} isWrapped /> }
          : undefined,
        { label: t("request_id"), value: <Copyable text={entry.request_id} label={t("request_id")} isWrapped /> },
      ]}
    />
  );
}

/** Of what was made or deleted there is one state; of what was changed there are two. */
function Changes({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("audit-logs");
  const words = useAuditWords();
  const differences = differencesOf(entry);
  if (differences.length === 0) return <p className="text-muted">{t("no_difference")}</p>;
  const states = [
    ...(entry.before ? [{ column: t("before"), of: "before" as const }] : []),
    ...(entry.after ? [{ column: t("after"), of: "after" as const }] : []),
  ];
  return (
    <DiffTable
      label={t("difference")}
      columns={states.map(({ column }) => column)}
      rows={differences.map((one) => ({
        field: words.fieldName(one.field),
        values: states.map(({ of }) => <Value key={of} value={one[of]} />),
        differs: states.length > 1,
      }))}
    />
  );
}
