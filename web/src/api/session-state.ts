/**
 * Whether the session on this page is alive, seen by whoever sends requests and by the dialog that asks to log in again.
 *
 * Invariants: a page that never had a session is never "expired" (its guard sends to the log-in instead); a request that
 * met the end of a session waits for `restore` and goes on by itself, so that no half-filled form is lost; it never goes on as
 * another person than the one who began it.
 */
import { ApiProblem, SESSION_EXPIRED } from "./problem";

export type SessionState = "none" | "active" | "expired";

let state: SessionState = "none";
let waiting: { resolve: () => void; reject: (problem: ApiProblem) => void }[] = [];
/** Whose session it is, by account; unknown where the page doesn't say. */
let person: string | undefined;
const watchers = new Set<() => void>();
const arrivals = new Set<() => void>();

/** Other tabs hear that somebody logged in again. */
const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("nexus-session");
channel?.addEventListener("message", (event) => {
  if (event.data === "entered") for (const look of arrivals) look();
});

function set(next: SessionState) {
  if (state === next) return;
  state = next;
  for (const watcher of watchers) watcher();
}

export const sessionState = {
  get: (): SessionState => state,
  subscribe(watcher: () => void): () => void {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  },
  /** The page has loaded a session, of this person. */
  begin(who?: string) {
    person ??= who;
    set("active");
  },
  /** The person logged out. */
  end() {
    person = undefined;
    set("none");
    give(expired());
  },
  /** A request was refused for want of a session, and refreshing failed: wait for the person. */
  expire(): Promise<void> {
    if (state === "none") return Promise.reject(expired());
    set("expired");
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  },
  /** Somebody has logged in on this page: other tabs ask who. */
  announce: () => channel?.postMessage("entered"),
  /** Hears that somebody logged in in another tab. */
  onArrival(look: () => void): () => void {
    arrivals.add(look);
    return () => arrivals.delete(look);
  },
  /** Somebody has logged in again. False where it is another person: what waits fails, and the page is not theirs. */
  restore(who: string): boolean {
    if (state !== "expired") return true;
    if (person !== undefined && person !== who) {
      give(expired());
      return false;
    }
    set("active");
    const all = waiting;
    waiting = [];
    for (const one of all) one.resolve();
    return true;
  },
  /** The person looks on without a session: what waits fails, and the next refusal asks again. */
  dismiss() {
    if (state === "expired") set("active");
    give(expired());
  },
};

function give(problem: ApiProblem) {
  const all = waiting;
  waiting = [];
  for (const one of all) one.reject(problem);
}

function expired() {
  return new ApiProblem(SESSION_EXPIRED, "The session has ended.", 401, undefined, undefined, undefined);
}
