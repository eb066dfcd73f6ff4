/** The steps of an organization in the making, as they happen; then on to its workspace. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { Button, ButtonAnchor } from "@/ui/Button";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { Icon } from "@/ui/icons";
import { handOver } from "../auth/hand-over";
import { loggedInAhead } from "./log-in-ahead";
import { isOver, useOperation } from "./useOperation";

interface Props {
  founded: Schema<"FoundedOut">;
  name: string;
  /** Founds it again with what was typed. */
  onAgain?: () => void;
}

export function Building({ founded, name, onAgain }: Props) {
  const { t } = useTranslation("signup");
  const { operation, problem, again } = useOperation(founded.operation, founded.capability);
  const [refused, setRefused] = useState<unknown>();
  const [tries, setTries] = useState(0);
  const left = useRef(-1);
  const succeeded = operation.state === "succeeded";
  useEffect(() => {
    if (!succeeded || left.current === tries) return;
    left.current = tries;
    setRefused(undefined);
    loggedInAhead()
      .then(() => handOver(founded.slug))
      .catch(setRefused);
  }, [succeeded, tries, founded.slug]);

  const failed = isOver(operation) && !succeeded;
  const isUndoing = operation.direction === "undo" && !isOver(operation);
  const done = operation.steps.filter((step) => step.state === "succeeded").length;
  return (
    <AuthLayout
      title={failed ? t("failed") : succeeded ? t("ready", { name }) : t("building", { name })}
      description={failed ? undefined : t("building_text")}
    >
      <div
        role="progressbar"
        aria-label={t("progress")}
        aria-valuemin={0}
        aria-valuemax={operation.steps.length}
        aria-valuenow={done}
        className="h-1.5 overflow-hidden rounded-full bg-surface-tertiary"
      >
        <div
          className={`h-full rounded-full transition-[width] duration-300 ${failed ? "bg-danger" : "bg-accent"}`}
          style={{ width: `${(100 * done) / Math.max(1, operation.steps.length)}%` }}
        />
      </div>
      <ol className="mt-5 grid gap-2.5">
        {operation.steps.map((step) => (
          <li key={step.step} className="flex items-start gap-3">
            <StepMark state={step.state === "undone" && step.error ? "failed" : step.state} />
            <div className="min-w-0">
              <p className={step.state === "pending" ? "text-muted" : "font-medium"}>
                {t(`steps.${step.step as "reserve"}`, { defaultValue: step.step })}
              </p>
              {step.error && step.state !== "succeeded" && <p className="text-danger">{step.error}</p>}
              {step.state === "undone" && !step.error && (
                <p className="text-xs text-muted">{t("step_states.undone")}</p>
              )}
            </div>
            <span className="sr-only">{t(`step_states.${step.state as "pending"}`, { defaultValue: step.state })}</span>
          </li>
        ))}
      </ol>
      <p aria-live="polite" className="sr-only">
        {t("progress_said", { done, all: operation.steps.length })}
      </p>
      <div className="mt-6 grid gap-4">
        {isUndoing && <p className="text-muted">{t("undoing")}</p>}
        {problem && !failed && <ErrorPanel error={problem} onRetry={problem.passing ? undefined : again} compact />}
        {failed && (
          <>
            <div role="alert" className="rounded-xl bg-danger-soft p-4 text-danger-soft-foreground">
              <p>{t("failed_text")}</p>
              <p className="code-text mt-2 text-xs break-all">
                {[operation.error?.code, operation.error?.step, operation.id].filter(Boolean).join(" · ")}
              </p>
            </div>
            {onAgain && (
              <Button variant="primary" icon="refresh-cw" fullWidth onPress={onAgain}>
                {t("again")}
              </Button>
            )}
          </>
        )}
        {refused !== undefined && (
          <>
            <ErrorPanel error={refused} onRetry={() => setTries(tries + 1)} compact />
            <ButtonAnchor href={`/log-in?organization=${founded.slug}`} fullWidth>
              {t("log_in")}
            </ButtonAnchor>
          </>
        )}
      </div>
    </AuthLayout>
  );
}

function StepMark({ state }: { state: string }) {
  if (state === "succeeded") return <Icon name="circle-check" className="mt-0.5 size-5 text-success" />;
  if (state === "undone") return <Icon name="minus" className="mt-0.5 size-5 text-muted" />;
  if (state === "failed") return <Icon name="circle-x" className="mt-0.5 size-5 text-danger" />;
  if (state === "running") return <Icon name="loader" className="mt-0.5 size-5 animate-spin text-accent" />;
  return (
    <span aria-hidden="true" className="mt-0.5 inline-flex size-5 shrink-0 items-center justify-center">
      <span className="size-2 rounded-full bg-field-border" />
    </span>
  );
}
