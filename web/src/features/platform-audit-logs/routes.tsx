/** Who did what on the platform, for operators. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { operatorRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const operatorRoutes = [
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/audit-logs",
    validateSearch: gridSearch([
      "action",
      "actor_kind",
      "actor_id",
      "entity_type",
      "entity_id",
      "subject_id",
      "request_id",
      "recorded_at[gte]",
      "recorded_at[lt]",
    ]),
    component: lazyRouteComponent(() => import("./AuditLogsPage"), "AuditLogsPage"),
  }),
] as const;
