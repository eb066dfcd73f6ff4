/** On the apex, for who is logged in: the choice of an organization, and a new one. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "@/app/roots";
import { searchTexts } from "@/ui/search-text";

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/organizations",
    validateSearch: searchTexts(["refused"]),
    component: lazyRouteComponent(() => import("./OrganizationsPage"), "OrganizationsPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/organizations/new",
    component: lazyRouteComponent(() => import("./NewOrganizationPage"), "NewOrganizationPage"),
  }),
] as const;
