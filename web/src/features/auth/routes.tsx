/** Log-in and what belongs to it, on the apex; `/enter` on an organization's host. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import * as z from "zod/mini";
import { publicRoute } from "@/app/roots";

const text = z.catch(z.optional(z.coerce.string()), undefined);
/** `next` is a path of the organization's host, `again` a log-in beside a page that waits for it. */
const logInSearch = z.object({
  organization: z.optional(text),
  next: z.optional(text),
  again: z.optional(text),
  email: z.optional(text),
});

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
