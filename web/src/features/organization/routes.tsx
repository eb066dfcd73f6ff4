/** The organization itself. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/organization",
    component: lazyRouteComponent(() => import("./OrganizationPage"), "OrganizationPage"),
  }),
] as const;
