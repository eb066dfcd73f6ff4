/** One figure with what it counts, and where it leads. */
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon, type IconName } from "../icons";
import { Skeleton } from "../Skeleton";

interface Props {
  label: string;
  /** Formatted already; undefined while it is being read. */
  value: string | undefined;
  hint?: ReactNode;
  icon?: IconName;
  tone?: "neutral" | "warning" | "danger";
  /** Makes the whole of it a link. */
  link?: LinkProps;
}

const TONES = {
  neutral: "bg-accent-soft text-accent-soft-foreground",
  warning: "bg-warning-soft text-warning-soft-foreground",
  danger: "bg-danger-soft text-danger-soft-foreground",
};

export function Stat({ label, value, hint, icon, tone = "neutral", link }: Props) {
  return (
    <div
      className={`relative flex h-full items-start gap-3 rounded-xl border border-border bg-surface p-4 shadow-surface ${link ? "hover:border-field-border" : ""}`}
    >
      {icon && (
        <span className={`inline-flex size-9 items-center justify-center rounded-lg ${TONES[tone]}`}>
          <Icon name={icon} className="size-4.5" />
        </span>
      )}
      <dl className="min-w-0">
        <dt className="text-muted">
          {link ? (
            <Link
              {...link}
              className="outline-none after:absolute after:inset-0 after:rounded-xl focus-visible:after:ring-2 focus-visible:after:ring-focus"
            >
              {label}
            </Link>
          ) : (
            label
          )}
        </dt>
        <dd className="mt-0.5 text-2xl leading-tight font-semibold tabular">
          {value ?? <Skeleton className="mt-1 h-7 w-20" />}
        </dd>
        {hint && <dd className="mt-1 text-xs text-muted">{hint}</dd>}
      </dl>
    </div>
  );
}
