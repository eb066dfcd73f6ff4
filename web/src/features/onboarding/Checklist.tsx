/** The first steps of an organization, up to its first stock movement; a quiet word when they are all done. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useWrite, type Write } from "@/api";
import { PermissionGate, useCan } from "@/app/access";
import { Button, ErrorPanel, Icon, Skeleton, toast } from "@/ui";
import { onboardingQuery, putAway } from "./queries";
import { StepCard } from "./StepCard";
import { doneOf, nextStep } from "./steps";

export function Checklist() {
  const { t } = useTranslation("onboarding");
  const can = useCan();
  const { data, error, refetch, isPending } = useQuery({ ...onboardingQuery, enabled: can("settings.read") });
  const dismissal: Write<boolean, unknown> = useWrite({
    send: (dismissed: boolean) => putAway(dismissed),
    invalidates: [onboardingQuery.queryKey],
    onSuccess: (_, dismissed) =>
      dismissed && toast.success(t("put_away"), { undo: () => dismissal.mutateAsync(false) }),
    onError: toast.problem,
  });
  if (!can("settings.read")) return null;
  if (isPending) return <Skeleton className="h-56 rounded-xl" />;
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} compact />;
  if (data.dismissed) return null;

  const { steps } = data;
  const done = doneOf(steps);
  const isOver = done === steps.length;
  return (
    <section aria-label={t("title")} className="rounded-xl border border-border bg-surface p-4 shadow-surface sm:p-5">
      <header className="flex items-start justify-between gap-4">
        <div className="flex min-w-0 items-start gap-3">
          {isOver && (
            <span className="inline-flex size-10 shrink-0 items-center justify-center rounded-xl bg-success-soft text-success-soft-foreground">
              <Icon name="sparkles" className="size-5" />
            </span>
          )}
          <div className="min-w-0">
            <h2 className="text-base font-semibold">{isOver ? t("over") : t("title")}</h2>
            <p className="text-pretty text-muted">{isOver ? t("over_text") : t("text")}</p>
          </div>
        </div>
        <PermissionGate permission="settings.write">
          <Button
            size="sm"
            variant="ghost"
            className="-me-2 -mt-1 shrink-0"
            isPending={dismissal.isPending}
            onPress={() => dismissal.mutate(true)}
          >
            {t("dismiss")}
          </Button>
        </PermissionGate>
      </header>
      <div className="mt-3 flex items-center gap-3">
        <div
          role="progressbar"
          aria-label={t("progress")}
          aria-valuemin={0}
          aria-valuemax={steps.length}
          aria-valuenow={done}
          className="h-1.5 flex-1 overflow-hidden rounded-full bg-surface-tertiary"
        >
          <div
            className={`h-full rounded-full transition-[width] duration-500 ${isOver ? "bg-success" : "bg-accent"}`}
            style={{ width: `${(100 * done) / Math.max(1, steps.length)}%` }}
          />
        </div>
        <span className="text-xs text-muted tabular">{t("done_of", { done, all: steps.length })}</span>
      </div>
      {!isOver && (
        <ol className="mt-4 grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
          {steps.map((step) => (
            <StepCard key={step.key} step={step} isNext={step.key === nextStep(steps)} />
          ))}
        </ol>
      )}
    </section>
  );
}
