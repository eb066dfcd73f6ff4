/** The tree of routes: the areas of roots.tsx with what every feature brings (features.gen.ts). */
import { createRouter } from "@tanstack/react-router";
import { createQueries } from "@/api";
import { operatorRoutes, publicRoutes, workspaceRoutes } from "./features.gen";
import { PagePending } from "./PagePending";
import { operatorRoute, publicRoute, rootRoute, workspaceRoute } from "./roots";

export const queries = createQueries();

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
  // The shell's pages scroll within it.
  scrollToTopSelectors: ["#content"],
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
