/** What is being done to tenants, for operators. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { operatorRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const operatorRoutes = [
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/operations",
    validateSearch: gridSearch([
      "state",
      "kind",
      "tenant_id",
      "is_failing",
      "is_stuck",
      "created_at[gte]",
      "created_at[lt]",
      "finished_at[gte]",
      "finished_at[lt]",
    ]),
    component: lazyRouteComponent(() => import("./OperationsPage"), "OperationsPage"),
  }),
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/operations/$id",
    component: lazyRouteComponent(() => import("./OperationPage"), "OperationPage"),
  }),
] as const;
