/**
 * The three areas of the console, as parents of the features' routes.
 *
 * - `publicRoute`: apex host, nobody logged in is needed (sign-up, log-in, invitations).
 * - `workspaceRoute`: an organization's host; its guard loads who the person is there (`GET /me`).
 * - `operatorRoute`: apex host, the platform's operators.
 *
 * A feature's `routes.tsx` makes its routes below these; nothing here knows of features.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { asProblem, sessionState, site } from "@/api";
import { NotFoundPage } from "./NotFoundPage";
import { RootFrame } from "./RootFrame";
import { RouteFault } from "./RouteFault";
import { meQuery, operatorQuery } from "./session";

export interface RouterContext {
  queries: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: RootFrame,
  notFoundComponent: NotFoundPage,
  errorComponent: RouteFault,
});

export const publicRoute = createRoute({ getParentRoute: () => rootRoute, id: "public", component: Outlet });

export const workspaceRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "workspace",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
      sessionState.begin();
    } catch (thrown) {
      throw await leaveWorkspace(asProblem(thrown), location.href);
    }
  },
  component: lazyRouteComponent(() => import("./shell/WorkspaceShell"), "WorkspaceShell"),
});

/** Where somebody goes who has no session for an organization on this host; or the fault itself. */
async function leaveWorkspace(problem: ReturnType<typeof asProblem>, next: string) {
  const { apex, apexOrigin, slug } = await site();
  // An account's own session on the apex is no session of an organization: choose one.
  if (apex) return problem.status === 401 || problem.status === 403 ? redirect({ href: "/organizations" }) : problem;
  if (problem.status !== 401) return problem;
  const to = new URL("/log-in", apexOrigin);
  if (slug) to.searchParams.set("organization", slug);
  if (next !== "/") to.searchParams.set("next", next);
  return redirect({ href: to.href });
}

export const operatorRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "operator",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(operatorQuery);
      sessionState.begin();
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.status !== 401) throw problem;
      throw redirect({ href: `/operator/log-in?next=${encodeURIComponent(location.href)}` });
    }
  },
  component: lazyRouteComponent(() => import("./shell/OperatorShell"), "OperatorShell"),
});
