/**
 * Renews the session's cookies, once for all requests and all tabs of this host that need it at the same moment.
 *
 * A second renewal with the same refresh token would be harmless for 10 seconds only; so tabs take turns by a lock, and
 * whoever finds that another has renewed since its request was sent, or is at it, does not renew again.
 */
const RENEWED_AT = "nexus.renewed_at";
let underWay: Promise<Renewal> | undefined;

/** New cookies; another tab's work, which may have failed; nothing that could be renewed. */
export type Renewal = "renewed" | "elsewhere" | "refused";

/** Sends the renewal; true when new cookies were set. Given by the client, which knows the routes. */
export type Renew = () => Promise<boolean>;

/** Renews for a request that was sent at `sentAt` (ms) and refused. */
export function renewed(sentAt: number, renew: Renew): Promise<Renewal> {
  underWay ??= inTurn(async () => {
    if (Number(localStorage.getItem(RENEWED_AT) ?? 0) > sentAt) return "elsewhere";
    if (!(await renew())) return "refused";
    localStorage.setItem(RENEWED_AT, String(Date.now()));
    return "renewed";
  }).finally(() => {
    underWay = undefined;
  });
  return underWay;
}

const LOCK = "nexus-session";

async function inTurn(work: () => Promise<Renewal>): Promise<Renewal> {
  // Locks want a secure context, which plain http on a network address is not: then tabs are on their own.
  if (!navigator.locks) return work();
  const done = await navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  // What another tab has stored is seen here some time after it has left the lock: having waited for it is the better sign.
  return done ?? navigator.locks.request(LOCK, () => "elsewhere" as const);
}
