/** Imports of files. */
import { createRoute, lazyRouteComponent, notFound } from "@tanstack/react-router";
import * as z from "zod/mini";
import { workspaceRoute } from "@/app/roots";
import { isImportKind } from "./kinds";

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/imports/$kind",
    /** The job of a file that was sent: a reload goes on following it. */
    validateSearch: z.object({ job: z.optional(z.catch(z.optional(z.uuid()), undefined)) }),
    beforeLoad: ({ params }) => {
      if (!isImportKind(params.kind)) throw notFound();
    },
    component: lazyRouteComponent(() => import("./ImportPage"), "ImportPage"),
  }),
] as const;
