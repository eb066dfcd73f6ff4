/** Categories. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/categories",
    validateSearch: gridSearch(),
    component: lazyRouteComponent(() => import("./CategoriesPage"), "CategoriesPage"),
  }),
] as const;
