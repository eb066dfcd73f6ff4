/** When a key ends by itself: after a while, on a day, or never. */
import * as z from "zod/mini";
import { zApiKeyIn } from "@/api/zod.gen";
import { startOf } from "@/ui/grid/period";

export const TERMS = ["30", "90", "365", "day", "never"] as const;
export type Term = (typeof TERMS)[number];

const DAY = 86_400_000;

/** The first day that can be chosen: tomorrow, as the person's calendar has it. */
export function firstDay(now = new Date()): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** What is filled in for a new key: where a day is to be chosen, one to come. */
export const newKeySchema = z.extend(zApiKeyIn, { term: z.enum(TERMS), day: z.optional(z.string()) }).check(
  z.superRefine(({ term, day }, context) => {
    if (term !== "day" || (day && day >= firstDay())) return;
    context.addIssue({ code: "invalid_type", expected: "date", input: day, path: ["day"] });
  }),
);

/** The moment for `expires_at`. A key that is good until a day still works on that day. */
export function expiryOf(term: Term, day: string | undefined, now = new Date()): string | null {
  if (term === "never") return null;
  if (term === "day") {
    const end = day && startOf(day, DAY);
    if (!end) throw new Error("A key that ends on a day needs that day.");
    return end;
  }
  return new Date(now.getTime() + Number(term) * DAY).toISOString();
}
