/** How an operation stands, as marks: in one word, and that it takes too long. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { Badge } from "@/ui";
import { standingOf, TONES } from "./standing";

export function OperationState({ operation }: { operation: Schema<"OperationSummaryOut"> }) {
  const { t } = useTranslation("operations");
  const standing = standingOf(operation);
  return (
    <span className="inline-flex max-w-full flex-wrap items-center gap-1.5">
      <Badge tone={TONES[standing] ?? "neutral"}>{t(`standing.${standing}`, { defaultValue: operation.state })}</Badge>
      {operation.is_stuck && (
        <Badge tone="warning" icon="clock">
          {t("stuck")}
        </Badge>
      )}
    </span>
  );
}
