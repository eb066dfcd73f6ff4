/**
 * A part of the console that can't be read: a new version took its place, or the network is away. Only the former is mended
 * by loading the page anew, once.
 */
const RELOADED = "nexus.reloaded";

/** Loads the page anew where that mends it; whether it does. */
export async function reloadOnce(): Promise<boolean> {
  if (!navigator.onLine || sessionStorage.getItem(RELOADED) === "1") return false;
  if (!(await isOutdated())) return false;
  sessionStorage.setItem(RELOADED, "1");
  location.reload();
  return true;
}

/** It runs: the next time may load anew again. */
export function forgetReload() {
  sessionStorage.removeItem(RELOADED);
}

/** Whether the page that the server has now begins with another script than this one did. */
async function isOutdated(): Promise<boolean> {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute("src");
  const page = await fetch("/", { cache: "no-store" }).then(
    (response) => (response.ok ? response.text() : undefined),
    () => undefined,
  );
  return page !== undefined && script != null && !page.includes(script);
}
