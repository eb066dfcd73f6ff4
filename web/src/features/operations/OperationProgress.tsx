/** How far an operation is, and what holds it up or ended it. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { Meter } from "@/ui";
import { isOver, standingOf } from "./standing";

const TONES: Record<string, "danger" | "success" | "warning"> = {
  failing: "danger",
  failed: "danger",
  undone: "danger",
  undoing: "warning",
  succeeded: "success",
};

export function OperationProgress({ operation }: { operation: Schema<"OperationSummaryOut"> }) {
  const { t } = useTranslation("operations");
  const { error, steps, steps_done } = operation;
  const said = t("progress_said", { done: steps_done, all: steps });
  return (
    <div className="mb-5 grid gap-3">
      <div className="grid gap-1.5">
        <p aria-live="polite" className="text-xs text-muted">
          {said}
        </p>
        <Meter label={t("progress")} value={steps_done} max={steps} tone={TONES[standingOf(operation)]} isProgress />
      </div>
      {error && (
        <div role="status" className="rounded-xl bg-danger-soft p-3 text-danger-soft-foreground">
          <p className="font-medium">{isOver(operation) ? t("ended_by") : t("held_up_by")}</p>
          <p className="text-pretty">{error.message}</p>
          <p className="code-text mt-1 text-xs break-all">
            {error.code} · {error.step}
          </p>
        </div>
      )}
    </div>
  );
}
