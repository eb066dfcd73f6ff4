/**
 * Writes: one idempotency key for one intention of the person.
 *
 * The same input sent again (a second press after a time-out, an automatic retry) carries the same key, so that the effect
 * happens once. The key changes when the input changes, when the write has succeeded, and when it was refused for good.
 * While an earlier try is still under way, it is asked for again for a while under the same key.
 */
import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { type ApiProblem, asProblem, SECRET_NOT_REPLAYABLE } from "./problem";

/** How often what is still under way is asked for again, and how long at most until the next time. */
const ASKED_AGAIN = 5;
const LONGEST_PAUSE_S = 5;

export interface WriteContext {
  /** Goes into `params.header["Idempotency-Key"]`. */
  key: string;
}

export interface WriteOptions<In, Out> {
  /** Sends it: `(body, { key }) => answer(api.POST(…))`. */
  send: (input: In, context: WriteContext) => Promise<Out>;
  /** Queries that are read again after success. */
  invalidates?: QueryKey[];
  onSuccess?: (output: Out, input: In) => unknown;
  onError?: (problem: ApiProblem, input: In) => unknown;
}

export type Write<In, Out> = UseMutationResult<Out, ApiProblem, In>;

export function useWrite<In = void, Out = unknown>(options: WriteOptions<In, Out>): Write<In, Out> {
  const queries = useQueryClient();
  const intention = useRef<{ fingerprint: string; key: string } | undefined>(undefined);
  const readAgain = () =>
    Promise.all((options.invalidates ?? []).map((queryKey) => queries.invalidateQueries({ queryKey })));
  return useMutation<Out, ApiProblem, In>({
    mutationFn: async (input) => {
      const fingerprint = JSON.stringify(input) ?? "";
      if (intention.current?.fingerprint !== fingerprint) intention.current = { fingerprint, key: crypto.randomUUID() };
      const { key } = intention.current;
      try {
        return await settled(() => options.send(input, { key }));
      } catch (thrown) {
        const problem = asProblem(thrown);
        // Refused for good: nothing happened under this key, and another try is another intention.
        if (!mayHaveHappened(problem)) intention.current = undefined;
        throw problem;
      }
    },
    onSuccess: async (output, input) => {
      intention.current = undefined;
      await options.onSuccess?.(output, input);
      await readAgain();
    },
    onError: (problem, input) => {
      // It was carried out before: lists have it, though its answer is gone.
      if (problem.code === SECRET_NOT_REPLAYABLE) void readAgain();
      options.onError?.(problem, input);
    },
  });
}

/** What comes of it once no earlier try under its key is under way any more. */
async function settled<Out>(send: () => Promise<Out>): Promise<Out> {
  for (let left = ASKED_AGAIN; ; left -= 1) {
    try {
      return await send();
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (!problem.inFlight || left === 0) throw problem;
      const seconds = Math.min(problem.retryAfter ?? 1, LONGEST_PAUSE_S);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    }
  }
}

function mayHaveHappened(problem: ApiProblem): boolean {
  return problem.passing || problem.retryAfter !== undefined || problem.code === SECRET_NOT_REPLAYABLE;
}
