/** Imports of files. */
import { createRoute, lazyRouteComponent, notFound } from "@tanstack/react-router";
import { workspaceRoute } from "@/app/roots";
import { searchTexts } from "@/ui/search-text";
import { isImportKind } from "./kinds";

/** The job of a file that was sent: a reload goes on following it. */
const importSearch = searchTexts(["job"]);

export const workspaceRoutes = [
  createRoute({
    getParentRoute: () => workspaceRoute,
    path: "/imports/$kind",
    validateSearch: importSearch,
    beforeLoad: ({ params }) => {
      if (!isImportKind(params.kind)) throw notFound();
    },
    component: lazyRouteComponent(() => import("./ImportPage"), "ImportPage"),
  }),
] as const;
