/** What a new organization has still to do, and whether the sample data are there. Read anew whenever they are shown: other screens do the steps. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api";

export const onboardingQuery = queryOptions({
  queryKey: ["/api/v1/onboarding"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/onboarding", { signal }))).data,
  staleTime: 0,
});

export const sampleDataQuery = queryOptions({
  queryKey: ["/api/v1/sample-data"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/sample-data", { signal }))).data,
  staleTime: 0,
});

/** Whether the list of steps is put away, for everybody in the organization. */
export function putAway(dismissed: boolean) {
  return answer(api.PATCH("/api/v1/onboarding", { body: { dismissed } }));
}
