/** The audit log. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/audit-logs",
    validateSearch: gridSearch([
      "action",
      "actor_id",
      "actor_kind",
      "entity_id",
      "entity_type",
      "request_id",
      "subject_id",
      "recorded_at[gte]",
      "recorded_at[lt]",
    ]),
    component: lazyRouteComponent(() => import("./AuditLogsPage"), "AuditLogsPage"),
  }),
] as const;
