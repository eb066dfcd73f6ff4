/** Who is asked to join. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { gridSearch } from "@/ui/grid/search";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/invitations",
    validateSearch: gridSearch(["status"]),
    component: lazyRouteComponent(() => import("./InvitationsPage"), "InvitationsPage"),
  }),
] as const;
