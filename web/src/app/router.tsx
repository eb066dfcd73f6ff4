/** The tree of routes: the areas of roots.tsx with what every feature brings (features.gen.ts). */
import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { createQueries } from "@/api";
import { operatorRoutes, publicRoutes, workspaceRoutes } from "./features.gen";
import { PagePending } from "./PagePending";
import { operatorRoute, publicRoute, rootRoute, workspaceRoute } from "./roots";
import { meQuery } from "./session";

/** Somebody's roles were changed while they are at work: what they may do is read anew with the first refusal. */
export const queries: QueryClient = createQueries((_, asked) => {
  if (asked?.[0] !== meQuery.queryKey[0]) void queries.invalidateQueries({ queryKey: meQuery.queryKey });
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    publicRoute.addChildren([...publicRoutes]),
    workspaceRoute.addChildren([...workspaceRoutes]),
    operatorRoute.addChildren([...operatorRoutes]),
  ]),
  context: { queries },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingComponent: PagePending,
  defaultPendingMs: 150,
  defaultPendingMinMs: 200,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
