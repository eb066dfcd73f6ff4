/** What the file has no column for, and is the same in every row. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Combobox, type Option, Section } from "@/ui";
import { PlainSelect } from "@/ui/form/PlainSelect";
import { findStockLocations } from "../locations/find";
import { REASONS } from "../stock-movements/movement";
import type { ImportKind } from "./kinds";
import { type ImportField, REQUIRED } from "./mapping";
import type { Import } from "./useImport";

/** A file gives reasons of single movements; transfers have their second place, reversals are posted by undoing. */
const GIVEN = REASONS.filter((id) => id !== "transfer" && id !== "reversal");

export function Constants({ kind, way }: { kind: ImportKind; way: Import }) {
  const { t } = useTranslation("imports");
  const { t: moves } = useTranslation("stock-movements");
  const { columns, defaults } = way.options;
  const [place, setPlace] = useState<Option>();
  if (kind !== "stock-movements" || (columns.location && columns.reason)) return null;
  const set = (field: ImportField, value: string | undefined) =>
    way.change({ defaults: { ...defaults, [field]: value } });
  return (
    <Section title={t("constants")} description={t("constants_text")}>
      <div className="grid gap-4 sm:grid-cols-2">
        {!columns.location && (
          <Combobox
            label={t("fields.location")}
            isRequired={REQUIRED[kind].includes("location")}
            value={place}
            onChange={(option) => {
              setPlace(option);
              set("location", option?.detail);
            }}
            queryKey={["/api/v1/locations"]}
            load={findStockLocations}
          />
        )}
        {!columns.reason && (
          <PlainSelect
            label={t("fields.reason")}
            none={t("no_reason")}
            value={defaults.reason}
            onChange={(reason) => set("reason", reason)}
            choices={GIVEN.map((id) => ({ id, label: moves(`reasons.${id}`) }))}
          />
        )}
      </div>
    </Section>
  );
}
