/** What was changed, as it was and as it is. */
import { useTranslation } from "react-i18next";
import { DiffTable } from "@/ui";
import { changesOf } from "./changes";
import type { Entry } from "./words";

export function Changes({ entry }: { entry: Entry }) {
  const { t } = useTranslation("platform-audit-logs");
  const changes = changesOf(entry);
  if (changes.length === 0) return null;
  const shown = (value: string | undefined) => (value ? <span className="person-text break-all">{value}</span> : "–");
  // What came into being has nothing to be compared with.
  const isNew = !entry.before;
  return (
    <DiffTable
      label={t("changes", { seq: entry.seq })}
      columns={isNew ? [t("after")] : [t("before"), t("after")]}
      rows={changes.map(({ field, before, after }) => ({
        field,
        values: isNew ? [shown(after)] : [shown(before), shown(after)],
        differs: before !== after,
      }))}
    />
  );
}
