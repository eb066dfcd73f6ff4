/** Sites and places. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/locations",
    validateSearch: gridSearch(["archived"]),
    component: lazyRouteComponent(() => import("./LocationsPage"), "LocationsPage"),
  }),
] as const;
