/** The tenants of the platform, for operators. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { operatorRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const operatorRoutes = [
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/tenants",
    validateSearch: gridSearch(["state", "plan", "server", "schema_version", "created_at[gte]", "created_at[lt]"]),
    component: lazyRouteComponent(() => import("./TenantsPage"), "TenantsPage"),
  }),
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/tenants/new",
    component: lazyRouteComponent(() => import("./NewTenantPage"), "NewTenantPage"),
  }),
  createRoute({
    getParentRoute: () => operatorRoute,
    path: "/operator/tenants/$id",
    component: lazyRouteComponent(() => import("./TenantPage"), "TenantPage"),
  }),
] as const;
