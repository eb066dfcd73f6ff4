/** The steps of an operation: how each stands, how long and how often it was tried, and why it failed last. */
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { type Formats, useFormats } from "@/i18n";
import { type IconName, Timeline, type TimelineEntry, type Tone } from "@/ui";

type Step = Schema<"InspectedStepOut">;

const LOOKS: Record<string, { icon: IconName; tone: Tone }> = {
  pending: { icon: "minus", tone: "neutral" },
  running: { icon: "loader", tone: "info" },
  succeeded: { icon: "check", tone: "success" },
  failed: { icon: "x", tone: "danger" },
  undone: { icon: "undo-2", tone: "neutral" },
};

export function StepsTimeline({ steps }: { steps: Step[] }) {
  const { t } = useTranslation("operations");
  const formats = useFormats();
  return <Timeline label={t("steps")} entries={steps.map((step) => entryOf(step, t, formats))} />;
}

function entryOf(step: Step, t: TFunction<"operations">, formats: Formats): TimelineEntry {
  // A step that failed for good is taken back like those before it; what sets it apart is its error.
  const state = step.state === "undone" && step.error ? "failed" : step.state;
  const look = LOOKS[state] ?? { icon: "activity", tone: "neutral" };
  const isFailing = step.state === "running" && Boolean(step.error);
  return {
    id: step.step,
    icon: look.icon,
    tone: isFailing ? "danger" : look.tone,
    isBusy: step.state === "running" && !isFailing,
    title: (
      <span className={step.state === "pending" ? "font-normal text-muted" : ""}>
        {t(`step_names.${step.step as "reserve"}`, { defaultValue: step.step })}
      </span>
    ),
    aside: <Took step={step} state={state} t={t} formats={formats} />,
    by: triesOf(step, t),
    body: step.error && step.state !== "succeeded" && (
      <div className="grid gap-1 rounded-lg bg-danger-soft px-3 py-2 text-danger-soft-foreground">
        <p>{step.error}</p>
        {step.cause && (
          <p className="code-text text-xs break-words whitespace-pre-wrap" dir="ltr">
            {step.cause}
          </p>
        )}
      </div>
    ),
  };
}

interface TookProps {
  step: Step;
  state: string;
  t: TFunction<"operations">;
  formats: Formats;
}

/** How it stands, when it was begun and how long it took, in columns of their own. */
function Took({ step, state, t, formats }: TookProps) {
  return (
    <span className="flex items-baseline gap-3 text-xs text-muted tabular">
      <span className={state === "succeeded" ? "sr-only" : ""}>
        {t(`step_states.${state as "pending"}`, { defaultValue: state })}
      </span>
      {step.started_at && (
        <time dateTime={step.started_at} title={formats.dateTime(step.started_at)} className="hidden sm:inline">
          {formats.time(step.started_at)}
        </time>
      )}
      {step.duration_ms != null && <span className="min-w-14 text-end">{formats.elapsed(step.duration_ms)}</span>}
    </span>
  );
}

function triesOf(step: Step, t: TFunction<"operations">): string | undefined {
  const said = [
    step.attempts > 1 && t("tries", { count: step.attempts }),
    step.failures > 0 && t("failures", { count: step.failures }),
    step.undo_failures > 0 && t("undo_failures", { count: step.undo_failures }),
  ].filter(Boolean);
  return said.length > 0 ? said.join(" · ") : undefined;
}
