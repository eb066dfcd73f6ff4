/** Who the person is here: in the organization of this host, on the apex, or as an operator. */
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";
import { knowSite, siteOf } from "@/api/site";

/** The caller in the organization of this host; kept until somebody changes roles or settings. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/me", { signal }))).data,
  staleTime: 60_000,
});

/** Who is logged in on this host; nobody is an answer, too. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async ({ signal }) => {
    const { data } = await answer(api.GET("/api/v1/auth/session", { signal }));
    knowSite(data);
    return data;
  },
  staleTime: 60_000,
});

/** Which host this page is on, once known. */
export function useSite() {
  return useQuery({ ...sessionQuery, select: (session) => siteOf(session, location) }).data;
}

export const operatorQuery = queryOptions({
  queryKey: ["operator-session"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/admin/auth/session", { signal }))).data,
  staleTime: 60_000,
});

export type Me = Schema<"MeOut">;

/** The choice of organizations, which says that this one does not let the person in (any more). */
export function shutOutUrl(apexOrigin: string, slug: string | undefined): string {
  return `${apexOrigin}/organizations${slug ? `?refused=${encodeURIComponent(slug)}` : ""}`;
}

/** Inside the workspace only: its guard has loaded it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** One permission, or several that are needed together: what a page asks for is what the ways to it ask for. */
export type Need = string | readonly string[];

/** Asks for permissions: `can("products.write")`. What is hidden here is refused by the server as well. */
export function useCan(): (permission: Need) => boolean {
  const { permissions } = useMe();
  return (permission) => [permission].flat().every((one) => permissions.includes(one));
}

/** Asks for a feature of the organization's plan. */
export function useFeature(feature: string): boolean {
  return useMe().entitlements.features.includes(feature);
}

/** Who is logged in on this host just now, by account. */
export async function whoIsHere(): Promise<string | undefined> {
  if (location.pathname.startsWith("/operator"))
    return (await answer(api.GET("/api/v1/admin/auth/session")).catch(() => undefined))?.data.operator?.id;
  return (await answer(api.GET("/api/v1/auth/session")).catch(() => undefined))?.data.account?.id;
}
