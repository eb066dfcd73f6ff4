/** Small marks: the state of a thing, a tag of its owner's own. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "./icons";

export type Tone = "neutral" | "accent" | "success" | "warning" | "danger" | "info";

const TONES: Record<Tone, string> = {
  neutral: "bg-surface-tertiary text-foreground",
  accent: "bg-accent-soft text-accent-soft-foreground",
  success: "bg-success-soft text-success-soft-foreground",
  warning: "bg-warning-soft text-warning-soft-foreground",
  danger: "bg-danger-soft text-danger-soft-foreground",
  info: "bg-info-soft text-info-soft-foreground",
};

/** What a status means to the eye; a status nobody listed is neutral, since the contract may grow. */
const STATUS: Record<string, Tone> = {
  active: "success",
  succeeded: "success",
  ready: "success",
  accepted: "success",
  joined: "success",
  running: "info",
  provisioning: "info",
  migrating: "info",
  moving: "info",
  restoring: "info",
  recovering: "info",
  invited: "info",
  trialing: "info",
  pending: "warning",
  queued: "warning",
  read_only: "warning",
  past_due: "warning",
  draft: "neutral",
  archived: "neutral",
  cancelled: "neutral",
  deactivated: "neutral",
  expired: "neutral",
  removed: "neutral",
  revoked: "danger",
  failed: "danger",
  broken: "danger",
  suspended: "danger",
  undone: "danger",
  deleting: "danger",
  deleted: "danger",
};

export function statusTone(status: string): Tone {
  return STATUS[status] ?? "neutral";
}

export function Badge({ tone = "neutral", icon, children }: { tone?: Tone; icon?: IconName; children: ReactNode }) {
  return (
    <span
      className={`inline-flex h-5.5 max-w-full items-center gap-1 rounded-full px-2 text-xs font-medium whitespace-nowrap ${TONES[tone]}`}
    >
      {icon && <Icon name={icon} className="size-3" />}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** A status of the contract, in words of the language in use. Never by colour alone: the word says it. */
export function StatusBadge({ status }: { status: string }) {
  const { t } = useTranslation("ui");
  return (
    <Badge tone={statusTone(status)}>
      {t(`status.${status as "active"}`, { defaultValue: status.replaceAll("_", " ") })}
    </Badge>
  );
}

/** Beside the name of what came with the sample data: products and locations that say `sample: true`. */
export function SampleBadge({ of }: { of: { sample?: boolean } }) {
  const { t } = useTranslation("ui");
  return of.sample ? <Badge tone="info">{t("sample")}</Badge> : null;
}

/** A word somebody attached; `onRemove` makes it removable. */
export function Tag({
  children,
  onRemove,
  removeLabel,
}: {
  children: string;
  onRemove?: () => void;
  removeLabel?: string;
}) {
  return (
    <span className="inline-flex h-6 max-w-full items-center gap-1 rounded-md border border-border bg-surface-secondary ps-2 pe-2 text-xs">
      <span className="person-text truncate">{children}</span>
      {onRemove && (
        <button
          type="button"
          aria-label={removeLabel}
          onClick={onRemove}
          className="-me-1.5 inline-flex size-5.5 items-center justify-center rounded text-muted hover:text-foreground"
        >
          <Icon name="x" className="size-3" />
        </button>
      )}
    </span>
  );
}
