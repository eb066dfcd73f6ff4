/** What this tab keeps of a person's work: the pages looked at, forms that are not posted yet. */
const TRACES = /^nexus\.(recent$|draft\.)/;

export function forgetTraces() {
  for (const key of Object.keys(sessionStorage)) if (TRACES.test(key)) sessionStorage.removeItem(key);
}

/**
 * Leaves after logging out. The browser may keep a copy of the page for its back button: nothing is left on it, and where it
 * is shown again it is read anew.
 */
export function leave(href: string) {
  forgetTraces();
  // Until the page has gone, its title may still be noted.
  addEventListener("pagehide", () => {
    document.body.replaceChildren();
    forgetTraces();
  });
  addEventListener("pageshow", () => location.reload());
  location.assign(href);
}
