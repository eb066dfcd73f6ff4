/** One's own account, on the apex: it is the same in every organization. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { publicRoute } from "@/app/roots";

/** `organization` is where the person came from. */
const search = z.object({ organization: z.optional(z.catch(z.optional(z.coerce.string()), undefined)) });

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
