/** The organization's people. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/users",
    validateSearch: gridSearch(["status", "role"]),
    component: lazyRouteComponent(() => import("./UsersPage"), "UsersPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/users/$userId",
    component: lazyRouteComponent(() => import("./UserPage"), "UserPage"),
  }),
] as const;
