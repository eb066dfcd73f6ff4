/** The ledger. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

const FILTERS = [
  "reason",
  "location_id",
  "product_id",
  "variant_id",
  "batch_id",
  "import_id",
  "occurred_at[gte]",
  "occurred_at[lt]",
] as const;

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/stock-movements",
    validateSearch: gridSearch(FILTERS),
    component: lazyRouteComponent(() => import("./MovementsPage"), "MovementsPage"),
  }),
] as const;
