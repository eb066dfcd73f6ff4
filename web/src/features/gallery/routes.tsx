/** The gallery of building blocks: `/gallery`, on every host, without a log-in. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "@/app/roots";

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/gallery",
    component: lazyRouteComponent(() => import("./GalleryPage"), "GalleryPage"),
  }),
] as const;
