import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "./problem";
import { createQueries } from "./queries";
import { useWrite } from "./write";

const inFlight = new ApiProblem("CONFLICT", "In flight.", 409, "r-1", undefined, 1);

function writing(...outcomes: (ApiProblem | "done")[]) {
  const keys: string[] = [];
  const queries = createQueries();
  const invalidate = vi.spyOn(queries, "invalidateQueries");
  const { result } = renderHook(
    () =>
      useWrite<{ quantity: string }, string>({
        invalidates: [["/api/v1/stock"]],
        send: async (_, { key }) => {
          keys.push(key);
          const outcome = outcomes[keys.length - 1] ?? "done";
          if (outcome !== "done") throw outcome;
          return outcome;
        },
      }),
    { wrapper: ({ children }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider> },
  );
  const press = () =>
    act(async () => {
      const sent = result.current.mutateAsync({ quantity: "1" }).catch((thrown: ApiProblem) => thrown);
      await vi.advanceTimersByTimeAsync(60_000);
      return sent;
    });
  return { keys, press, invalidate };
}

describe("the key of a write", () => {
  vi.useFakeTimers();
  afterEach(cleanup);

  it("stays while an earlier try is under way, which is asked for again", async () => {
    const timedOut = new ApiProblem("TIMED_OUT", "Too long.", 0, undefined, undefined, undefined);
    const { keys, press } = writing(timedOut, inFlight, inFlight);
    await press();
    expect(await press()).toBe("done");
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
  });

  it("stays where asking again has come to its end, too", async () => {
    const { keys, press } = writing(...Array<ApiProblem>(6).fill(inFlight));
    expect(await press()).toBe(inFlight);
    expect(keys).toHaveLength(6);
    expect(await press()).toBe("done");
    expect(new Set(keys).size).toBe(1);
  });

  it("stays where it was carried out but the answer held a secret, and lists are read again", async () => {
    const made = new ApiProblem("SECRET_NOT_REPLAYABLE", "Made.", 409, "r-1", undefined, undefined);
    const { keys, press, invalidate } = writing(made, made);
    await press();
    expect(invalidate).toHaveBeenCalledWith({ queryKey: ["/api/v1/stock"] });
    expect(await press()).toBe(made);
    expect(new Set(keys).size).toBe(1);
  });

  it("is another once it was refused for good", async () => {
    const taken = new ApiProblem("SKU_TAKEN", "Taken.", 409, "r-1", undefined, undefined);
    const { keys, press } = writing(taken);
    await press();
    await press();
    expect(new Set(keys).size).toBe(2);
  });
});
