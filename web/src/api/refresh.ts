/**
 * Renews the session's cookies, once for all requests and all tabs of this host that need it at the same moment.
 *
 * A second renewal with the same refresh token would be harmless for 10 seconds only; so tabs take turns by a lock, and
 * whoever finds that another has renewed since its request was sent does not renew again.
 */
const RENEWED_AT = "nexus.renewed_at";
let underWay: Promise<boolean> | undefined;

/** Sends the renewal; true when new cookies were set. Given by the client, which knows the routes. */
export type Renew = () => Promise<boolean>;

/** Whether the session is good again for a request that was sent at `sentAt` (ms) and refused. */
export function renewed(sentAt: number, renew: Renew): Promise<boolean> {
  underWay ??= locked(async () => {
    if (Number(localStorage.getItem(RENEWED_AT) ?? 0) > sentAt) return true;
    const done = await renew();
    if (done) localStorage.setItem(RENEWED_AT, String(Date.now()));
    return done;
  }).finally(() => {
    underWay = undefined;
  });
  return underWay;
}

function locked(work: () => Promise<boolean>): Promise<boolean> {
  // Locks want a secure context, which plain http on a network address is not: then tabs are on their own.
  return navigator.locks ? navigator.locks.request("nexus-session", work) : work();
}
