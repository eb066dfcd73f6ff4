/**
 * The forms by which several articles are posted at once: their values, and what is sent of them. A line lies where the form
 * says, unless it says otherwise itself (lines that came from the list of levels do).
 */
import * as z from "zod/mini";
import type { ApiProblem, Schema } from "@/api";
import { decimal } from "@/i18n/decimal";
import type { Article } from "../products/variants";

export type PostingKind = "receive" | "issue" | "transfer" | "count";

export const RECEIVE_WAYS = ["supplier", "production", "customer_return"] as const;
export const ISSUE_WAYS = ["customer", "production_use", "supplier_return", "scrap"] as const;
export type ReceiveWay = (typeof RECEIVE_WAYS)[number];
export type IssueWay = (typeof ISSUE_WAYS)[number];

export const REFERENCES = ["delivery_note", "invoice", "order", "other"] as const;

const positive = z.string().check(
  z.regex(/^[0-9]{1,14}(\.[0-9]{1,6})?$/),
  z.refine((value) => decimal.is(value) && decimal.sign(value) > 0),
);
const counted = z.string().check(z.regex(/^[0-9]{1,14}(\.[0-9]{1,6})?$/));

const article = {
  variant_id: z.uuid(),
  sku: z.string(),
  name: z.string(),
  unit: z.string(),
  /** Where it lies, where that is not the form's place. */
  location_id: z.optional(z.uuid()),
  location: z.optional(z.string()),
  /** On hand as it was read, of counts. */
  expected: z.optional(z.string()),
};
const head = {
  location_id: z.uuid(),
  to_location_id: z.optional(z.uuid()),
  way: z.optional(z.string()),
  reference_type: z.optional(z.string()),
  reference_number: z.optional(z.string().check(z.maxLength(100))),
  note: z.optional(z.string().check(z.maxLength(1000))),
  occurred_at: z.optional(z.string()),
  backdating_reason: z.optional(z.string().check(z.maxLength(500))),
};
const lines = (quantity: z.ZodMiniString) =>
  z.array(z.object({ ...article, quantity })).check(z.minLength(1), z.maxLength(1000));

export const schemas = {
  receive: z.object({ ...head, lines: lines(positive) }),
  issue: z.object({ ...head, lines: lines(positive) }),
  transfer: z.object({ ...head, to_location_id: z.uuid(), lines: lines(positive) }),
  count: z.object({ ...head, lines: lines(counted) }),
};

export type PostingValues = z.infer<typeof schemas.receive>;
export type PostingLine = PostingValues["lines"][number];

export function lineOf({ variantId, sku, name, unit }: Article, quantity: string): PostingLine {
  return { variant_id: variantId, sku, name, unit, quantity };
}

/** Where an article stands among the lines already, at the form's own place. */
export function indexOf(all: PostingLine[], { variantId }: Article): number {
  return all.findIndex((line) => line.variant_id === variantId && !line.location_id);
}

/** One more of it: what another scan means. */
export function oneMore(quantity: string | undefined): string {
  return quantity && decimal.is(quantity) ? decimal.add(quantity, "1") : "1";
}

/**
 * What stays in a form of which lines were posted: lines that were added meanwhile, and what was added to those that were
 * sent. A count that was changed meanwhile is one of what is there now.
 */
export function leftOver(kind: PostingKind, now: PostingLine[], sent: PostingLine[]): PostingLine[] {
  return now.flatMap((line) => {
    const posted = sent.find((one) => one.variant_id === line.variant_id && one.location_id === line.location_id);
    if (!posted) return [line];
    if (line.quantity === posted.quantity || !decimal.is(line.quantity)) return [];
    if (decimal.compare(line.quantity, posted.quantity) === 0) return [];
    if (kind === "count") return [{ ...line, expected: posted.quantity }];
    const more = decimal.subtract(line.quantity, posted.quantity);
    return decimal.compare(more, "0") > 0 ? [{ ...line, quantity: more }] : [];
  });
}

function document(values: PostingValues) {
  const { reference_number, reference_type, note, occurred_at, backdating_reason } = values;
  return {
    note,
    reference: reference_number ? { type: reference_type ?? "other", number: reference_number } : undefined,
    // A field of dates and times has no zone: it is the person's own.
    occurred_at: occurred_at ? new Date(occurred_at).toISOString() : undefined,
    backdating_reason: occurred_at ? backdating_reason : undefined,
  };
}

const WAYS: Record<ReceiveWay | IssueWay, Pick<Schema<"MovementsIn">, "kind" | "partner">> = {
  supplier: { kind: "receive", partner: "supplier" },
  production: { kind: "receive", partner: "production" },
  customer_return: { kind: "return", partner: "customer" },
  customer: { kind: "issue", partner: "customer" },
  production_use: { kind: "issue", partner: "production" },
  supplier_return: { kind: "return", partner: "supplier" },
  scrap: { kind: "scrap" },
};

export function movementsOf(values: PostingValues): Schema<"MovementsIn"> {
  return {
    ...document(values),
    ...WAYS[values.way as ReceiveWay],
    lines: values.lines.map(({ variant_id, quantity, unit, location_id }) => ({
      variant_id,
      quantity,
      unit,
      location_id: location_id ?? values.location_id,
    })),
  };
}

export function transferOf(values: PostingValues): Schema<"TransferIn"> {
  return {
    ...document(values),
    lines: values.lines.map(({ variant_id, quantity, unit, location_id }) => ({
      variant_id,
      quantity,
      unit,
      from_location_id: location_id ?? values.location_id,
      to_location_id: values.to_location_id,
    })),
  };
}

/** What was counted, as differences from what was read; what is as expected posts nothing. */
export function countOf(values: PostingValues): { body: Schema<"AdjustIn">; lines: number[] } {
  const all = values.lines.map((line, index) => {
    const expected = line.expected ?? "0";
    return { line, index, expected, delta: decimal.subtract(line.quantity, expected) };
  });
  const differing = all.filter(({ delta }) => decimal.sign(delta) !== 0);
  const { backdating_reason, occurred_at, note, reference } = document(values);
  return {
    lines: differing.map(({ index }) => index),
    body: {
      reason: "count",
      note,
      reference,
      occurred_at,
      backdating_reason,
      lines: differing.map(({ line, delta, expected }) => ({
        variant_id: line.variant_id,
        location_id: line.location_id ?? values.location_id,
        unit: line.unit,
        delta,
        expected_quantity: expected,
      })),
    },
  };
}

/** The server's name of a field → the form's. */
export function fieldOf(field: string): string {
  if (field === "reference.number" || field === "reference") return "reference_number";
  if (field === "reference.type") return "reference_type";
  const line = /^lines\[(\d+)\]\.(delta|expected_quantity|sku|variant_id|unit)$/.exec(field);
  if (line) return `lines[${line[1]}].quantity`;
  if (/^lines\[\d+\]\.(location|location_id|from_location|from_location_id)$/.test(field)) return "location_id";
  if (/^lines\[\d+\]\.to_location(_id)?$/.test(field)) return "to_location_id";
  return field;
}

/** Lines of which a place holds less than is asked for, by their index: how much there is. */
export function shortagesOf(problem: ApiProblem): Map<number, string> {
  return linesOf(problem, "INSUFFICIENT_STOCK", "available");
}

/** Lines of a count that are not as expected any more: how much there is now. */
export function changesOf(problem: ApiProblem): Map<number, string> {
  return linesOf(problem, "STOCK_CHANGED", "on_hand");
}

function linesOf(problem: ApiProblem, code: string, figure: string): Map<number, string> {
  const all = (problem.details as { lines?: Record<string, unknown>[] } | undefined)?.lines;
  const found = new Map<number, string>();
  if (problem.code !== code || !Array.isArray(all)) return found;
  for (const one of all) {
    const quantity = one[figure];
    if (typeof one.line === "number" && typeof quantity === "string") found.set(one.line, quantity);
  }
  return found;
}
