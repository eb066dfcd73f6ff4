/** How the file is written, where the guess is wrong. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { PermissionGate } from "@/app/access";
import { Button } from "@/ui";
import { PlainSelect } from "@/ui/form/PlainSelect";
import { DELIMITERS, type Delimiter, type Encoding } from "./csv";
import type { ImportKind } from "./kinds";
import { DATE_FORMATS } from "./mapping";
import type { Source } from "./source";
import type { Import } from "./useImport";

const SIGNS = ["delta", "sale", "receipt"] as const;
const CASES = ["merge", "split", "report"] as const;
const ENCODINGS = { "utf-8": "UTF-8", "windows-1252": "Windows-1252" };
const DELIMITER_NAMES: Record<Delimiter, "comma" | "semicolon" | "tab" | "bar"> = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
};

export function ReadingFields({ kind, way, source }: { kind: ImportKind; way: Import; source: Source }) {
  const { t } = useTranslation("imports");
  const [isOpen, setOpen] = useState(false);
  const { options, change } = way;
  if (!isOpen)
    return (
      <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
        <span>
          {t("read_as", {
            delimiter: t(`delimiters.${DELIMITER_NAMES[source.delimiter]}`),
            encoding: ENCODINGS[source.encoding],
          })}
        </span>
        <Button size="sm" variant="ghost" icon="sliders-horizontal" onPress={() => setOpen(true)}>
          {t("adjust")}
        </Button>
      </div>
    );
  return (
    <div className="mt-4 grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
      <PlainSelect
        label={t("delimiter")}
        value={source.delimiter}
        onChange={(delimiter) => way.readAs({ delimiter: delimiter as Delimiter })}
        choices={DELIMITERS.map((id) => ({ id, label: t(`delimiters.${DELIMITER_NAMES[id]}`) }))}
      />
      <PlainSelect
        label={t("encoding")}
        value={source.encoding}
        onChange={(encoding) => way.readAs({ encoding: encoding as Encoding })}
        choices={Object.entries(ENCODINGS).map(([id, label]) => ({ id, label }))}
      />
      <PlainSelect
        label={t("sku_case")}
        value={options.skuCase}
        none={t("sku_cases.none")}
        onChange={(skuCase) => change({ skuCase: skuCase as Schema<"SkuCase"> | undefined })}
        choices={CASES.map((id) => ({ id, label: t(`sku_cases.${id}`) }))}
      />
      {kind === "stock-movements" && (
        <>
          <PlainSelect
            label={t("sign")}
            value={options.sign ?? "delta"}
            onChange={(sign) => change({ sign: sign as Schema<"Sign"> })}
            choices={SIGNS.map((id) => ({ id, label: t(`signs.${id}`) }))}
          />
          {options.columns.occurred_at && (
            <PlainSelect
              label={t("date_format")}
              value={options.dateFormat}
              none="2026-01-31 14:30"
              onChange={(dateFormat) => change({ dateFormat })}
              choices={DATE_FORMATS.map((id) => ({ id, label: exampleOf(id) }))}
            />
          )}
        </>
      )}
      {kind === "products" && (
        <PermissionGate permission="categories.write">
          <label className="flex cursor-pointer items-center gap-2 self-end pb-2">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={options.createCategories ?? true}
              onChange={(event) => change({ createCategories: event.target.checked })}
            />
            {t("create_categories")}
          </label>
        </PermissionGate>
      )}
    </div>
  );
}

/** The 31st of January, half past two, as a format writes it. */
function exampleOf(format: string): string {
  const parts: Record<string, string> = { d: "31", m: "01", Y: "2026", H: "14", M: "30", S: "00" };
  return format.replaceAll(/%([dmYHMS])/g, (_, part: string) => parts[part] ?? part);
}
