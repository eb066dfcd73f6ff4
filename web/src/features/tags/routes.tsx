/** Tags. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/tags",
    validateSearch: gridSearch(),
    component: lazyRouteComponent(() => import("./TagsPage"), "TagsPage"),
  }),
] as const;
