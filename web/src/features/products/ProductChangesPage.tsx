/** Who changed what of a product and its variants. */
import { useTranslation } from "react-i18next";
import { PageGate } from "@/app/access";
import { Section } from "@/ui";
import { ChangesTimeline } from "../changes/ChangesTimeline";
import { ProductFrame } from "./ProductFrame";

/** A filter takes so many values. */
const MOST = 100;

export function ProductChangesPage() {
  const { t } = useTranslation("products");
  return (
    <ProductFrame>
      {({ id, variants = [] }) => (
        <PageGate permission="audit_logs.read">
          <Section title={t("changes")}>
            <ChangesTimeline
              state={{ entity_id: [id, ...variants.map((variant) => variant.id)].slice(0, MOST).join(",") }}
            />
          </Section>
        </PageGate>
      )}
    </ProductFrame>
  );
}
