/**
 * The states that an operator may set, and from where; the server decides. The test compares this with the table of states
 * that the server keeps.
 */
import type { Schema } from "@/api";

export type SettableState = Schema<"StateIn">;

const FOLLOWING: Record<string, readonly SettableState[]> = {
  active: ["read_only", "suspended", "archived"],
  read_only: ["active", "suspended", "archived"],
  suspended: ["active", "archived"],
  archived: ["active"],
};

const DELETABLE = new Set(["active", "read_only", "suspended", "archived", "broken"]);

/** Which of them may follow a state; none while something is at work on the tenant. */
export function following(state: string): readonly SettableState[] {
  return FOLLOWING[state] ?? [];
}

export function isDeletable(state: string): boolean {
  return DELETABLE.has(state);
}

/** Whether a change of state can be taken back by another. */
export function leadsBack(from: string, to: string): from is SettableState {
  return following(to).includes(from as SettableState);
}

/** Every state of the contract, in the order in which they matter to who looks for something. */
export const STATES = [
  "active",
  "read_only",
  "suspended",
  "broken",
  "pending",
  "provisioning",
  "migrating",
  "moving",
  "restoring",
  "recovering",
  "archived",
  "deleting",
  "deleted",
] as const;
