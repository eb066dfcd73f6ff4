/** The operator who is logged in. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { operatorRoute } from "@/app/roots";

export const operatorRoutes = [
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/account",
    component: lazyRouteComponent(() => import("./OperatorAccountPage"), "OperatorAccountPage"),
  }),
] as const;
