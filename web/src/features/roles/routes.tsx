/** Roles and what they allow. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { searchTexts } from "@/ui/search-text";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/roles",
    component: lazyRouteComponent(() => import("./RolesPage"), "RolesPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/roles/matrix",
    validateSearch: searchTexts(["role"]),
    component: lazyRouteComponent(() => import("./RoleMatrixPage"), "RoleMatrixPage"),
  }),
] as const;
