/** Sign-up: found an organization, and watch it being built. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "@/app/roots";
import { searchTexts } from "@/ui/search-text";

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/sign-up",
    validateSearch: searchTexts(["plan"]),
    component: lazyRouteComponent(() => import("./SignUpPage"), "SignUpPage"),
  }),
] as const;
