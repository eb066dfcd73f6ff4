/** How the platform stands: where operators begin. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { operatorRoute } from "@/app/roots";

export const operatorRoutes = [
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator",
    component: lazyRouteComponent(() => import("./OverviewPage"), "OverviewPage"),
  }),
] as const;
