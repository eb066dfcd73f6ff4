/**
 * Which host this page is on: the apex (sign-up, log-in, platform administration) or an organization's own. The program says
 * so with the session; it stays so for as long as the tab lives.
 */
import { answer, api } from "./client";
import type { components } from "./schema.gen";

export interface Site {
  /** Whether this host is the apex. */
  apex: boolean;
  /** The apex's origin, as this browser reaches it. */
  apexOrigin: string;
  /** The organization's name in the host, where the host is below the apex. */
  slug: string | undefined;
}

let known: Promise<Site> | undefined;

export function site(): Promise<Site> {
  known ??= answer(api.GET("/api/v1/auth/session")).then(({ data }) => siteOf(data, location));
  known.catch(() => {
    known = undefined;
  });
  return known;
}

/** The session told which site it is on: no need to ask. */
export function knowSite(session: components["schemas"]["ConsoleSessionOut"]) {
  known = Promise.resolve(siteOf(session, location));
}

/** What `here` is by the server's words. Exported for tests. */
export function siteOf(
  session: { at_apex: boolean; apex_url: string },
  here: { hostname: string; port: string; origin: string },
): Site {
  if (session.at_apex) return { apex: true, apexOrigin: here.origin, slug: undefined };
  const apex = new URL(session.apex_url);
  const below = here.hostname.endsWith(`.${apex.hostname}`);
  // In development another port (Vite's) may stand before the program: stay on the one that is used.
  if (below && import.meta.env.DEV) apex.port = here.port;
  return {
    apex: false,
    apexOrigin: apex.origin,
    slug: below ? here.hostname.slice(0, -apex.hostname.length - 1) : undefined,
  };
}
