/** Figures from what moved from day to day. */
import type { Schema } from "@/api";

type Activity = Schema<"ActivityDay">;

export interface Pace {
  today: number;
  /** Movements of the last seven days, today included. */
  week: number;
  /** As a fraction of the seven days before; undefined where nothing moved then. */
  change: number | undefined;
}

/** The days, the oldest first; today is the last. */
export function paceOf(days: readonly Pick<Activity, "movements">[]): Pace {
  const sum = (part: typeof days) => part.reduce((total, day) => total + day.movements, 0);
  const week = sum(days.slice(-7));
  const before = sum(days.slice(-14, -7));
  return { today: days.at(-1)?.movements ?? 0, week, change: before > 0 ? week / before - 1 : undefined };
}

/** The kinds that have a name and a colour of their own; the contract may add more. */
export const KINDS = ["receive", "issue", "transfer", "adjust", "return", "scrap"] as const;
export type Kind = (typeof KINDS)[number] | "other";

/** Movements of one day by kind; what has no name here is "other". */
export function byKind(day: { kinds: readonly { kind: string; movements: number }[] }): Record<Kind, number> {
  const counts = { receive: 0, issue: 0, transfer: 0, adjust: 0, return: 0, scrap: 0, other: 0 };
  for (const { kind, movements } of day.kinds) counts[kind in counts ? (kind as Kind) : "other"] += movements;
  return counts;
}
