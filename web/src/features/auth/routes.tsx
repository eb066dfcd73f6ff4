/** Log-in and what belongs to it, on the apex; `/enter` on an organization's host. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { publicRoute } from "@/app/roots";
import { searchTexts } from "@/ui/search-text";

/** `next` is a path of the organization's host, `again` a log-in beside a page that waits for it. */
const logInSearch = searchTexts(["organization", "next", "again", "email"]);

export const publicRoutes = [
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/log-in",
    validateSearch: logInSearch,
    component: lazyRouteComponent(() => import("./LogInPage"), "LogInPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/enter",
    component: lazyRouteComponent(() => import("./EnterPage"), "EnterPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/verify-email",
    component: lazyRouteComponent(() => import("./VerifyEmailPage"), "VerifyEmailPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/forgot-password",
    component: lazyRouteComponent(() => import("./ForgotPasswordPage"), "ForgotPasswordPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/reset-password",
    component: lazyRouteComponent(() => import("./ResetPasswordPage"), "ResetPasswordPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/accept-invitation",
    component: lazyRouteComponent(() => import("./AcceptInvitationPage"), "AcceptInvitationPage"),
  }),
  createRoute({
    getParentRoute: () => publicRoute,
    path: "/operator/log-in",
    validateSearch: logInSearch,
    component: lazyRouteComponent(() => import("./OperatorLogInPage"), "OperatorLogInPage"),
  }),
] as const;
