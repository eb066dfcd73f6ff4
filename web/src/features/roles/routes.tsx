/** Roles and what they allow. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { workspaceRoute } from "@/app/roots";

const text = z.catch(z.optional(z.coerce.string()), undefined);

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/roles",
    component: lazyRouteComponent(() => import("./RolesPage"), "RolesPage"),
  }),
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/roles/matrix",
    validateSearch: z.object({ role: z.optional(text) }),
    component: lazyRouteComponent(() => import("./RoleMatrixPage"), "RoleMatrixPage"),
  }),
] as const;
