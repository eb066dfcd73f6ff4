/** The start of the workspace. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/",
    component: lazyRouteComponent(() => import("./DashboardPage"), "DashboardPage"),
  }),
] as const;
