/** Sign-up: found an organization, and watch it being built. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { publicRoute } from "@/app/roots";

const text = z.catch(z.optional(z.coerce.string()), undefined);

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/sign-up",
    validateSearch: z.object({ plan: z.optional(text) }),
    component: lazyRouteComponent(() => import("./SignUpPage"), "SignUpPage"),
  }),
] as const;
