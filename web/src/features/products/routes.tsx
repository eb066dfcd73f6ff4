/** The catalogue. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/products",
    validateSearch: gridSearch(["status", "kind", "category_id", "tag"]),
    component: lazyRouteComponent(() => import("./ProductsPage"), "ProductsPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/products/new",
    component: lazyRouteComponent(() => import("./NewProductPage"), "NewProductPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/products/$id",
    component: lazyRouteComponent(() => import("./ProductPage"), "ProductPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/products/$id/edit",
    component: lazyRouteComponent(() => import("./EditProductPage"), "EditProductPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/products/$id/movements",
    component: lazyRouteComponent(() => import("./ProductMovementsPage"), "ProductMovementsPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/products/$id/changes",
    component: lazyRouteComponent(() => import("./ProductChangesPage"), "ProductChangesPage"),
  }),
] as const;
