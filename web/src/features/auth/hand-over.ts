/**
 * From the apex to an organization's own host: a code that is good once and for a minute, and the page there that takes it.
 *
 * Invariants: only to the address the server names; on arrival only to a path of that host.
 */
import { answer, api, sessionState } from "@/api";

interface Options {
  /** Path to open there. */
  next?: string | undefined;
  /** The person was at work in another tab, which goes on by itself. */
  again?: boolean | undefined;
}

/** Goes to an organization that the account logged in here belongs to. The page is left. */
export async function handOver(organization: string, options: Options = {}) {
  const { data } = await answer(api.POST("/api/v1/auth/session/hand-over", { body: { organization } }));
  location.assign(arrival(data, options));
}

/** The address that takes a code. Exported for tests. */
export function arrival({ code, url }: { code: string; url: string }, { next, again }: Options): string {
  const to = new URL("/enter", url);
  // In development Vite may stand before the program on a port of its own.
  if (import.meta.env.DEV) to.port = location.port;
  const words = new URLSearchParams({ code });
  if (safePath(next) !== "/") words.set("next", safePath(next));
  if (again) words.set("again", "1");
  // In the fragment, which is sent to no server and stands in no log.
  to.hash = words.toString();
  return to.href;
}

/** Takes a code on the organization's host. */
export async function enter(code: string) {
  await answer(api.POST("/api/v1/auth/session/enter", { body: { code } }));
  sessionState.announce();
}

/** A path on this host, whatever stands in an address that somebody may have made: never another host. */
export function safePath(path: string | undefined | null): string {
  if (!path?.startsWith("/") || path.startsWith("//") || path.includes("\\")) return "/";
  const url = new URL(path, location.origin);
  // `/.//evil.example` is this host's as an address, and another's once its dots are gone.
  if (url.origin !== location.origin || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search + url.hash;
}

const taken = new Map<string, URLSearchParams>();

/**
 * What stands behind # in the address. It is taken out of the address and the history at once, and kept for the page, which
 * may be drawn more than once before it is shown.
 */
export function takeFragment(): URLSearchParams {
  const { hash, pathname, search } = location;
  if (hash) {
    taken.set(pathname, new URLSearchParams(hash.slice(1)));
    history.replaceState(history.state, "", pathname + search);
  }
  return taken.get(pathname) ?? new URLSearchParams();
}
