/**
 * Which host this page is on: the apex (sign-up, log-in, platform administration) or an organization's own.
 * The program tells its public address at a public well-known path; the answer is kept for as long as the tab lives.
 */
import { answer, api } from "./client";

export interface Site {
  /** Whether this host is the apex. */
  apex: boolean;
  /** The apex's origin, as this browser reaches it. */
  apexOrigin: string;
  /** The organization's name in the host, where the host is below the apex. */
  slug: string | undefined;
}

const KEPT = "nexus.public_url";
let known: Promise<Site> | undefined;

export function site(): Promise<Site> {
  known ??= publicUrl().then((url) => siteOf(new URL(url), location));
  known.catch(() => {
    known = undefined;
  });
  return known;
}

async function publicUrl(): Promise<string> {
  const kept = sessionStorage.getItem(KEPT);
  if (kept) return kept;
  const { data } = await api
    .GET("/.well-known/openid-configuration")
    .then((settled) => answer(Promise.resolve({ ...settled, data: { data: settled.data } })));
  const url = new URL(data?.jwks_uri ?? location.origin).origin;
  sessionStorage.setItem(KEPT, url);
  return url;
}

/** What `here` is to a platform whose public address is `url`. Exported for tests. */
export function siteOf(url: URL, here: { protocol: string; hostname: string; port: string; origin: string }): Site {
  const below = here.hostname.endsWith(`.${url.hostname}`);
  if (here.hostname === url.hostname || below) {
    // In development another port (Vite's) may stand before the program: stay on the one that is used.
    const apexOrigin = below ? `${here.protocol}//${url.hostname}${here.port ? `:${here.port}` : ""}` : here.origin;
    const slug = below ? here.hostname.slice(0, -url.hostname.length - 1) : undefined;
    return { apex: !below, apexOrigin, slug };
  }
  // Loopback by address is the apex of a development machine; anything else is an organization's own domain.
  if (here.hostname === "127.0.0.1" || here.hostname === "[::1]")
    return { apex: true, apexOrigin: here.origin, slug: undefined };
  return { apex: false, apexOrigin: url.origin, slug: undefined };
}
