/**
 * Leaves after logging out. The browser may keep a copy of the page for its back button: nothing is left on it, and where it
 * is shown again it is read anew.
 */
export function leave(href: string) {
  addEventListener("pagehide", () => document.body.replaceChildren());
  addEventListener("pageshow", () => location.reload());
  location.assign(href);
}
