/** Yours, theirs and what it was: the fields that were to be changed. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { DiffTable, StatusBadge } from "@/ui";
import type { Conflict } from "./useTenantForm";

const FIELDS = ["name", "plan", "state", "state_reason"] as const;

export function ConflictPart({ conflict }: { conflict: Conflict }) {
  const { t } = useTranslation("tenants");
  const { before, yours, now } = conflict;
  const shown = (field: (typeof FIELDS)[number], value: string | null | undefined): ReactNode =>
    value ? field === "state" ? <StatusBadge status={value} /> : <span className="person-text">{value}</span> : "–";
  const fields = FIELDS.filter((field) => field in yours || before[field] !== now[field]);
  return (
    <DiffTable
      label={t("conflict.title")}
      columns={[t("conflict.before"), t("conflict.yours"), t("conflict.now")]}
      rows={fields.map((field) => ({
        field: t(field),
        values: [
          shown(field, before[field]),
          shown(field, field in yours ? yours[field] : before[field]),
          shown(field, now[field]),
        ],
        differs: before[field] !== now[field],
      }))}
    />
  );
}
