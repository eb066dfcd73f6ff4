/**
 * The tree of routes: the areas of roots.tsx with what every feature brings. The public pages know of each other alone, so
 * that log-in weighs little; whoever goes further from there loads a page anew.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { createQueries } from "@/api";
import { publicRoutes } from "./features.gen";
import { PagePending } from "./PagePending";
import { operatorRoute, publicRoute, rootRoute, workspaceRoute } from "./roots";
import { meQuery } from "./session";

type Inside = typeof import("./inside.gen");

/** Somebody's roles were changed while they are at work: what they may do is read anew with the first refusal. */
export const queries: QueryClient = createQueries((_, asked) => {
  if (asked?.[0] !== meQuery.queryKey[0]) void queries.invalidateQueries({ queryKey: meQuery.queryKey });
});

function routerOf({ workspaceRoutes, operatorRoutes }: Inside) {
  return createRouter({
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
    // The shell's pages scroll within it.
    scrollToTopSelectors: ["#content"],
  });
}

export type AppRouter = ReturnType<typeof routerOf>;

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}

/** The router for the page that was asked for. */
export async function startRouter(): Promise<AppRouter> {
  if (!isPublic(location.pathname)) return routerOf(await import("./inside.gen"));
  const router = routerOf({ workspaceRoutes: [], operatorRoutes: [] } as unknown as Inside);
  router.subscribe("onBeforeLoad", ({ toLocation }) => {
    if (!isPublic(toLocation.pathname)) location.assign(toLocation.href);
  });
  return router;
}

function isPublic(path: string): boolean {
  const plain = path.replace(/(.)\/$/, "$1");
  return publicRoutes.some((route) => (route.options as { path?: string }).path === plain);
}
