/** Stock: levels, and the forms that post it. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";
import { searchTexts } from "@/ui/search-text";

/** The article to begin with. */
const withSku = searchTexts(["sku"]);

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/inventory",
    validateSearch: gridSearch(["location_id", "product_id", "variant_id", "low_stock", "on_hand", "on_hand[gt]"]),
    component: lazyRouteComponent(() => import("./LevelsPage"), "LevelsPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/inventory/receive",
    validateSearch: withSku,
    component: lazyRouteComponent(() => import("./ReceivePage"), "ReceivePage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/inventory/issue",
    validateSearch: withSku,
    component: lazyRouteComponent(() => import("./IssuePage"), "IssuePage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/inventory/transfer",
    validateSearch: withSku,
    component: lazyRouteComponent(() => import("./TransferPage"), "TransferPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/inventory/count",
    component: lazyRouteComponent(() => import("./CountPage"), "CountPage"),
  }),
] as const;
