/** One's own account, on the apex: it is the same in every organization. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "@/app/roots";
import { searchTexts } from "@/ui/search-text";

/** `organization` is where the person came from. */
const search = searchTexts(["organization"]);

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/account",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./ProfilePage"), "ProfilePage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/account/security",
    validateSearch: search,
    component: lazyRouteComponent(() => import("./SecurityPage"), "SecurityPage"),
  }),
] as const;
