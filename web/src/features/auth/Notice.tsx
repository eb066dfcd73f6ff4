/** A word of the public screens that is no problem of the system: done, sent, incomplete. */
import type { ReactNode } from "react";
import { Icon } from "@/ui/icons";

const TONES = {
  success: { look: "bg-success-soft text-success-soft-foreground", icon: "circle-check" },
  warning: { look: "bg-warning-soft text-warning-soft-foreground", icon: "triangle-alert" },
  info: { look: "bg-info-soft text-info-soft-foreground", icon: "info" },
} as const;

export function Notice({ tone, children }: { tone: keyof typeof TONES; children: ReactNode }) {
  const { look, icon } = TONES[tone];
  return (
    <div role="status" className={`flex gap-3 rounded-xl p-4 ${look}`}>
      <Icon name={icon} className="mt-0.5 size-5" />
      <div className="min-w-0 flex-1 text-pretty">{children}</div>
    </div>
  );
}
