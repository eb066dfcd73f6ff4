/** What was changed, as it was and as it is; of what was made or erased there is one state. */
import { useTranslation } from "react-i18next";
import { DiffTable } from "@/ui";
import { differencesOf } from "../audit-logs/difference";
import { Value } from "../audit-logs/Value";
import type { Entry } from "./words";

export function Changes({ entry }: { entry: Entry }) {
  const { t } = useTranslation("platform-audit-logs");
  const differences = differencesOf(entry);
  if (differences.length === 0) return null;
  const states = (["before", "after"] as const).filter((state) => entry[state]);
  return (
    <DiffTable
      label={t("changes", { seq: entry.seq })}
      columns={states.map((state) => t(state))}
      rows={differences.map((one) => ({
        field: one.field.replaceAll("_", " "),
        values: states.map((state) => <Value key={state} value={one[state]} />),
        differs: states.length > 1,
      }))}
    />
  );
}
