/**
 * The pages looked at last, for the palette. Kept for this tab only: what somebody looked at is nobody else's business on a
 * shared computer.
 */
import * as z from "zod/mini";

const KEPT = "nexus.recent";
const MOST = 8;
const zVisits = z.array(z.object({ path: z.string(), title: z.string() }));

export interface Visit {
  path: string;
  title: string;
}

export function visits(): Visit[] {
  try {
    return zVisits.parse(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
  } catch {
    return [];
  }
}

/** `before` with the newest in front, every page once, and no more than a palette can show. */
export function withVisit(before: readonly Visit[], visit: Visit): Visit[] {
  return [visit, ...before.filter(({ path }) => path !== visit.path)].slice(0, MOST);
}

/** Notes every page by its title, from now until the answer is called. */
export function watchVisits(): () => void {
  const note = () => {
    const title = document.title.replace(/ · Nexus$/, "");
    if (title === document.title) return;
    sessionStorage.setItem(KEPT, JSON.stringify(withVisit(visits(), { path: location.pathname, title })));
  };
  const observer = new MutationObserver(note);
  const element = document.querySelector("title");
  if (element) observer.observe(element, { childList: true, characterData: true, subtree: true });
  note();
  return () => observer.disconnect();
}
