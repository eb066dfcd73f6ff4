/** Background jobs. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/jobs",
    validateSearch: gridSearch(["kind", "state"]),
    component: lazyRouteComponent(() => import("./JobsPage"), "JobsPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/jobs/$id",
    component: lazyRouteComponent(() => import("./JobPage"), "JobPage"),
  }),
] as const;
