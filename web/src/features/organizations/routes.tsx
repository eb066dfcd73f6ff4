/** On the apex, for who is logged in: the choice of an organization, and a new one. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { publicRoute } from "@/app/roots";

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/organizations",
    validateSearch: z.object({ refused: z.optional(z.catch(z.optional(z.coerce.string()), undefined)) }),
    component: lazyRouteComponent(() => import("./OrganizationsPage"), "OrganizationsPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/organizations/new",
    component: lazyRouteComponent(() => import("./NewOrganizationPage"), "NewOrganizationPage"),
  }),
] as const;
