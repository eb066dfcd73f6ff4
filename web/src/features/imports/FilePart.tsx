/** The first step: which file. */
import { useTranslation } from "react-i18next";
import { FileDrop, Section } from "@/ui";
import type { ImportKind } from "./kinds";
import { REQUIRED } from "./mapping";
import type { Import } from "./useImport";

/** As the server takes; it says so itself where it is set to less. */
const MAX_BYTES = 512 * 1024 * 1024;

export function FilePart({ kind, way }: { kind: ImportKind; way: Import }) {
  const { t } = useTranslation("imports");
  const needed = REQUIRED[kind].map((field) => t(`fields.${field}`));
  return (
    <Section title={t("choose")} description={t(`choose_text.${kind}`, { fields: needed.join(", ") })}>
      <FileDrop
        label={t("drop")}
        hint={t("drop_hint")}
        accept={[".csv", ".tsv", ".txt"]}
        maxBytes={MAX_BYTES}
        file={undefined}
        onChange={(file) => void way.choose(file)}
      />
    </Section>
  );
}
