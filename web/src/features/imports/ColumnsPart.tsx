/** The second step: what each column of the file is. It was guessed; people correct it. */
import { useTranslation } from "react-i18next";
import { Button, FileDrop, Icon, Section } from "@/ui";
import { PlainSelect } from "@/ui/form/PlainSelect";
import { Constants } from "./Constants";
import type { ImportKind } from "./kinds";
import { FIELDS, fed, fieldOf, type ImportField, missing } from "./mapping";
import { ReadingFields } from "./ReadingFields";
import type { Source } from "./source";
import type { Import } from "./useImport";

interface Props {
  kind: ImportKind;
  way: Import;
  source: Source;
}

export function ColumnsPart({ kind, way, source }: Props) {
  const { t } = useTranslation("imports");
  const { columns, defaults } = way.options;
  const lacking = missing(kind, columns, defaults);
  return (
    <div className="grid gap-5">
      <Section>
        <FileDrop
          label={t("drop")}
          hint={t("drop_hint")}
          accept={[]}
          maxBytes={0}
          file={source.file}
          onChange={() => void way.choose(undefined)}
        />
        <ReadingFields kind={kind} way={way} source={source} />
      </Section>
      <Section flush title={t("columns")} description={t("columns_text")}>
        <ul className="divide-y divide-separator border-t border-separator">
          {source.header.map((column, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity, and don't move
            <li key={index} className="grid items-center gap-x-4 gap-y-1.5 px-4 py-2.5 sm:grid-cols-2 sm:px-5">
              <div className="min-w-0">
                <p dir="auto" className="person-text truncate font-medium">
                  {column || t("unnamed")}
                </p>
                <p dir="auto" className="person-text truncate text-xs text-muted">
                  {source.examples[index]?.join(" · ") || t("no_values")}
                </p>
              </div>
              <PlainSelect
                label={t("becomes", { column })}
                isLabelHidden
                none={t("not_taken")}
                value={fieldOf(column, columns)}
                onChange={(field) => way.setColumns(fed(columns, column, field as ImportField | undefined))}
                choices={FIELDS[kind].map((id) => ({ id, label: t(`fields.${id}`) }))}
              />
            </li>
          ))}
        </ul>
      </Section>
      <Constants kind={kind} way={way} />
      {lacking.length > 0 && (
        <p role="status" className="flex gap-2 rounded-lg bg-warning-soft p-3 text-warning-soft-foreground">
          <Icon name="triangle-alert" className="mt-0.5 size-4" />
          {t("lacking", { fields: lacking.map((field) => t(`fields.${field}`)).join(", ") })}
        </p>
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button variant="ghost" onPress={() => void way.choose(undefined)}>
          {t("other_file")}
        </Button>
        <Button variant="primary" isPending={way.isSending} isDisabled={lacking.length > 0} onPress={way.check}>
          {t("check")}
        </Button>
      </div>
    </div>
  );
}
