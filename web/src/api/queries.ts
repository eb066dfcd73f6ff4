/** Reading: how often, how long, and what is tried again. */
import { MutationCache, QueryCache, QueryClient, type QueryKey } from "@tanstack/react-query";
import { ApiProblem, asProblem } from "./problem";

declare module "@tanstack/react-query" {
  interface Register {
    defaultError: ApiProblem;
  }
}

/** `onRefused` hears of everything that the person turned out not to be allowed (403), and of the query that asked, if one did. */
export function createQueries(
  onRefused: (problem: ApiProblem, asked?: QueryKey) => void = () => undefined,
): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (problem, query) => problem.status === 403 && onRefused(problem, query.queryKey),
    }),
    mutationCache: new MutationCache({ onError: (problem) => problem.status === 403 && onRefused(problem) }),
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
