/** Keys for programs. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/api-keys",
    validateSearch: gridSearch(["created_by", "revoked_at"]),
    component: lazyRouteComponent(() => import("./ApiKeysPage"), "ApiKeysPage"),
  }),
] as const;
