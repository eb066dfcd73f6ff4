/** What is sold and what was, for operators. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { operatorRoute } from "@/app/roots";

export const operatorRoutes = [
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/plans",
    component: lazyRouteComponent(() => import("./PlansPage"), "PlansPage"),
  }),
] as const;
