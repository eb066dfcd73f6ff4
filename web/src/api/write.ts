/**
 * Writes: one idempotency key for one intention of the person.
 *
 * The same input sent again (a second press after a time-out, an automatic retry) carries the same key, so that the effect
 * happens once. The key changes when the input changes and when the write has succeeded.
 */
import { type QueryKey, type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { type ApiProblem, asProblem } from "./problem";

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
  return useMutation<Out, ApiProblem, In>({
    mutationFn: async (input) => {
      const fingerprint = JSON.stringify(input) ?? "";
      if (intention.current?.fingerprint !== fingerprint) intention.current = { fingerprint, key: crypto.randomUUID() };
      try {
        return await options.send(input, { key: intention.current.key });
      } catch (thrown) {
        const problem = asProblem(thrown);
        // Refused for good: nothing happened under this key, and another try is another intention.
        if (!problem.passing) intention.current = undefined;
        throw problem;
      }
    },
    onSuccess: async (output, input) => {
      intention.current = undefined;
      await options.onSuccess?.(output, input);
      await Promise.all((options.invalidates ?? []).map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
    onError: (problem, input) => void options.onError?.(problem, input),
  });
}
