/** Reading: how often, how long, and what is tried again. */
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem, asProblem } from "./problem";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiProblem;
  }
}

export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        // What is refused for good is not asked again; what is passing, twice.
        retry: (failures, thrown) => failures < 2 && thrown instanceof ApiProblem && thrown.passing,
        retryDelay: (failures, thrown) =>
          Math.min(1000 * (asProblem(thrown).retryAfter ?? 0.4 * 2 ** failures), 10_000),
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}
