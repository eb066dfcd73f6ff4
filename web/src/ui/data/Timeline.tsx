/** What happened, newest first or in order: who, what, when, and what changed. */
import type { ReactNode } from "react";
import { useFormats } from "@/i18n";
import type { Tone } from "../Badge";
import { Icon, type IconName } from "../icons";

export interface TimelineEntry {
  id: string;
  icon?: IconName;
  /** Under way: its icon turns. */
  isBusy?: boolean;
  tone?: Tone;
  title: ReactNode;
  /** Who did it. */
  by?: ReactNode;
  at?: string;
  /** Under it: a note, a difference, a reference. */
  body?: ReactNode;
  /** At the end of the line: a quantity, a status. */
  aside?: ReactNode;
}

const DOTS: Record<Tone, string> = {
  neutral: "bg-surface-tertiary text-muted",
  accent: "bg-accent-soft text-accent-soft-foreground",
  success: "bg-success-soft text-success-soft-foreground",
  warning: "bg-warning-soft text-warning-soft-foreground",
  danger: "bg-danger-soft text-danger-soft-foreground",
  info: "bg-info-soft text-info-soft-foreground",
};

export function Timeline({ entries, label }: { entries: TimelineEntry[]; label: string }) {
  return (
    <ol aria-label={label} className="relative">
      {entries.map((entry, index) => (
        <li key={entry.id} className="relative flex gap-3 pb-5 last:pb-0">
          {index < entries.length - 1 && (
            <span aria-hidden="true" className="absolute start-[0.84rem] top-7 bottom-0 w-px bg-separator" />
          )}
          <span
            className={`inline-flex size-7 shrink-0 items-center justify-center rounded-full ${DOTS[entry.tone ?? "neutral"]}`}
          >
            <Icon
              name={entry.isBusy ? "loader" : (entry.icon ?? "activity")}
              className={`size-3.5 ${entry.isBusy ? "animate-spin" : ""}`}
            />
          </span>
          <div className="min-w-0 flex-1 pt-0.5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <p className="min-w-0 font-medium">{entry.title}</p>
              {entry.aside}
            </div>
            {(entry.by || entry.at) && (
              <p className="text-xs text-muted">
                {entry.by}
                {entry.by && entry.at && " · "}
                {entry.at && <Moment at={entry.at} />}
              </p>
            )}
            {entry.body && <div className="mt-1.5">{entry.body}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** A time as people say it, with the exact one on hover and for machines. */
export function Moment({ at, exact = false }: { at: string; exact?: boolean }) {
  const formats = useFormats();
  return (
    <time dateTime={at} title={formats.dateTime(at)}>
      {exact ? formats.dateTime(at) : formats.ago(at)}
    </time>
  );
}
