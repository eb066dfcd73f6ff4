/** Whether a page waits for answers. Streams of events, which never end, don't count. */
import type { Page, Request } from "playwright-core";
import { vi } from "vitest";

/** What is asked may lead to the next question. */
const QUIET_MS = 100;

interface Traffic {
  open: Set<Request>;
  last: number;
}

const traffic = new WeakMap<Page, Traffic>();

/** Call when a page is opened. */
export function listen(page: Page) {
  const seen: Traffic = { open: new Set(), last: Date.now() };
  traffic.set(page, seen);
  const end = (request: Request) => {
    if (seen.open.delete(request)) seen.last = Date.now();
  };
  let isLeaving = false;
  page.on("request", (request) => {
    if (request.isNavigationRequest() && request.frame() === page.mainFrame()) isLeaving = true;
    if (request.headers().accept !== "text/event-stream") seen.open.add(request);
    seen.last = Date.now();
  });
  page.on("requestfinished", end);
  page.on("requestfailed", end);
  // What a page that is left had asked is answered to nobody. An address that changes within a page leaves none.
  page.on("framenavigated", (frame) => {
    if (!isLeaving || frame !== page.mainFrame()) return;
    isLeaving = false;
    seen.open.clear();
  });
}

/** Everything the page has asked for is answered. */
export async function quiet(page: Page) {
  const seen = traffic.get(page);
  if (!seen) throw new Error("this page was opened without `listen`");
  await vi.waitUntil(() => seen.open.size === 0 && Date.now() - seen.last >= QUIET_MS, {
    timeout: 30_000,
    interval: 20,
  });
}
