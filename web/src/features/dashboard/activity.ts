/** Figures from what moved from day to day. */
import type { Schema } from "@/api";

type Day = Pick<Schema<"ActivityDay">, "movements">;

export interface Pace {
  today: number;
  /** Movements of the last seven days, today included. */
  week: number;
  /** As a fraction of the seven days before; undefined where nothing moved then. */
  change: number | undefined;
}

/** The days, the oldest first; today is the last. */
export function paceOf(days: readonly Day[]): Pace {
  const sum = (part: readonly Day[]) => part.reduce((total, day) => total + day.movements, 0);
  const week = sum(days.slice(-7));
  const before = sum(days.slice(-14, -7));
  return { today: days.at(-1)?.movements ?? 0, week, change: before > 0 ? week / before - 1 : undefined };
}
