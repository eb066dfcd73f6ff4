/**
 * Addresses of other features' screens, for links between features that don't import each other. A screen this console
 * doesn't have, or the person may not open, gives no link.
 */
import { type LinkProps, useRouter } from "@tanstack/react-router";
import { useCan } from "./session";

export interface Place {
  path: string;
  /** What the screen asks for. */
  permission?: string;
  search?: Record<string, string>;
  params?: Record<string, string>;
}

export function usePlaces(): (place: Place) => LinkProps | undefined {
  const router = useRouter();
  const can = useCan();
  return ({ path, permission, search, params }) =>
    path in router.routesByPath && (!permission || can(permission))
      ? ({ to: path, search, params } as LinkProps)
      : undefined;
}
