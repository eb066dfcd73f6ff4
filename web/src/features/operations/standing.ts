/** How an operation stands, in one word: its state, and what its state alone does not tell. */
import type { Schema } from "@/api";
import type { Tone } from "@/ui";

type Operation = Pick<
  Schema<"OperationSummaryOut">,
  "kind" | "state" | "direction" | "due_at" | "is_failing" | "step" | "steps" | "steps_done"
>;

export type Standing =
  | "scheduled"
  | "failing"
  | "undoing"
  | "pending"
  | "running"
  | "succeeded"
  | "failed"
  | "undone"
  | "recalled";

export const TONES: Record<Standing, Tone> = {
  scheduled: "neutral",
  failing: "danger",
  undoing: "warning",
  pending: "info",
  running: "info",
  succeeded: "success",
  failed: "danger",
  undone: "danger",
  recalled: "neutral",
};

export function isOver({ state }: Pick<Operation, "state">): boolean {
  return state === "succeeded" || state === "failed" || state === "undone";
}

/** Waits for its time: a deletion whose window is open. */
export function isScheduled({ state, due_at }: Pick<Operation, "state" | "due_at">, now = Date.now()): boolean {
  return state === "pending" && Date.parse(due_at) > now;
}

/** States that are not known here stand for themselves, since the contract may grow. */
export function standingOf(operation: Operation, now = Date.now()): Standing {
  // A deletion is undone by who wants the tenant back.
  if (operation.kind === "delete" && operation.state === "undone") return "recalled";
  if (isOver(operation)) return operation.state as Standing;
  if (operation.is_failing) return "failing";
  if (isScheduled(operation, now)) return "scheduled";
  if (operation.direction === "undo") return "undoing";
  return operation.state as Standing;
}
