/**
 * Watches an operation by its stream of events, and by asking once a second where a stream is not to be had (proxies that
 * hold answers back, too many streams). Ends with the operation.
 */
import { useEffect, useState } from "react";
import { type ApiProblem, answer, api, asProblem, operationEvents, type Schema } from "@/api";

type Operation = Schema<"OperationOut">;

export interface Watched {
  operation: Operation;
  /** Why nothing new comes; it goes on trying where that may pass. */
  problem: ApiProblem | undefined;
  /** Watches anew after a refusal that doesn't pass by itself. */
  again: () => void;
}

const POLL_MS = 1_000;

export function useOperation(begun: Operation, capability: string | undefined): Watched {
  const [operation, setOperation] = useState(begun);
  const [problem, setProblem] = useState<ApiProblem>();
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try begins anew
  useEffect(() => {
    const stop = new AbortController();
    watch(
      begun,
      capability,
      stop.signal,
      (next) => {
        setProblem(undefined);
        setOperation(next);
      },
      setProblem,
    );
    return () => stop.abort();
  }, [begun, capability, tries]);
  const again = () => {
    setProblem(undefined);
    setTries((count) => count + 1);
  };
  return { operation, problem, again };
}

async function watch(
  begun: Operation,
  capability: string | undefined,
  signal: AbortSignal,
  tell: (operation: Operation) => void,
  complain: (problem: ApiProblem) => void,
) {
  const authorization = capability ? { Authorization: `Bearer ${capability}` } : undefined;
  const params = { path: { id: begun.id } };
  let now = begun;
  let streams = true;
  while (!signal.aborted && !isOver(now)) {
    try {
      if (streams) {
        const stream = await operationEvents(begun.id, { signal, headers: authorization });
        streams = stream !== undefined;
        for await (const event of stream ?? []) {
          now =
            event.event === "operation"
              ? (JSON.parse(event.data) as Operation)
              : withStep(now, JSON.parse(event.data) as StepEvent);
          tell(now);
        }
      }
      if (isOver(now)) return;
      now = (await answer(api.GET("/api/v1/operations/{id}", { params, headers: authorization, signal }))).data;
      tell(now);
      if (!isOver(now)) await pause(POLL_MS, signal);
    } catch (thrown) {
      if (signal.aborted) return;
      const problem = asProblem(thrown);
      complain(problem);
      streams = false;
      if (!problem.passing) return;
      await pause(POLL_MS * (problem.retryAfter ?? 2), signal);
    }
  }
}

interface StepEvent {
  step: string;
  state: string;
  attempt: number;
  error?: string | null;
}

function withStep(operation: Operation, event: StepEvent): Operation {
  const steps = operation.steps.map((step) =>
    step.step === event.step ? { ...step, state: event.state, attempts: event.attempt, error: event.error } : step,
  );
  const direction = event.state === "undone" ? "undo" : operation.direction;
  return { ...operation, state: "running", direction, steps };
}

export function isOver(operation: Operation): boolean {
  return operation.state === "succeeded" || operation.state === "failed" || operation.state === "undone";
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
