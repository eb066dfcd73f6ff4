/** When a key ends by itself: after a while, on a day, or never. */
import { startOf } from "@/ui/grid/period";

export const TERMS = ["30", "90", "365", "day", "never"] as const;
export type Term = (typeof TERMS)[number];

const DAY = 86_400_000;

/** The moment for `expires_at`. A key that is good until a day still works on that day. */
export function expiryOf(term: Term, day: string | undefined, now = new Date()): string | null {
  if (term === "never") return null;
  if (term === "day") return (day && startOf(day, DAY)) || null;
  return new Date(now.getTime() + Number(term) * DAY).toISOString();
}
