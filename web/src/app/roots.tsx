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
import { type ApiProblem, asProblem, sessionState, site } from "@/api";
import { forgetTraces } from "./leave";
import { NotFoundPage } from "./NotFoundPage";
import { RootFrame } from "./RootFrame";
import { RouteFault } from "./RouteFault";
import { meQuery, operatorQuery, sessionQuery, shutOutUrl } from "./session";

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
    // The shell shows who is logged in, and without an organization it tells where to go: ask for both at once.
    void context.queries.prefetchQuery(sessionQuery);
    try {
      const { user } = await context.queries.ensureQueryData(meQuery);
      sessionState.begin(user?.id);
      // Roles may have been given or taken since: known by the time the page is there.
      void context.queries.prefetchQuery({ ...meQuery, staleTime: 0 });
    } catch (thrown) {
      throw await leaveWorkspace(context.queries, asProblem(thrown), location.href);
    }
  },
  component: lazyRouteComponent(() => import("./shell/WorkspaceShell"), "WorkspaceShell"),
});

/** Where somebody goes who has no session for an organization on this host; or the fault itself. */
async function leaveWorkspace(queries: QueryClient, problem: ApiProblem, next: string) {
  if (problem.status !== 401 && problem.status !== 403) return problem;
  const session = await queries.fetchQuery(sessionQuery);
  const { apex, apexOrigin, slug } = await site();
  if (apex) return redirect({ href: session.account ? "/organizations" : "/log-in" });
  if (problem.code === "NOT_A_MEMBER") return redirect({ href: shutOutUrl(apexOrigin, slug) });
  if (problem.status !== 401) return problem;
  forgetTraces();
  const to = new URL("/log-in", apexOrigin);
  if (slug) to.searchParams.set("organization", slug);
  if (next !== "/") to.searchParams.set("next", next);
  return redirect({ href: to.href });
}

export const operatorRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "operator",
  beforeLoad: async ({ context, location }) => {
    const toLogIn = () => {
      forgetTraces();
      return redirect({ href: `/operator/log-in?next=${encodeURIComponent(location.href)}` });
    };
    const session = await context.queries.ensureQueryData(operatorQuery).catch((thrown) => {
      throw asProblem(thrown).status === 401 ? toLogIn() : thrown;
    });
    if (!session.operator) {
      context.queries.removeQueries({ queryKey: operatorQuery.queryKey });
      throw toLogIn();
    }
    sessionState.begin(session.operator.id);
  },
  component: lazyRouteComponent(() => import("./shell/OperatorShell"), "OperatorShell"),
});
