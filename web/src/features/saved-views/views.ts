/** A view is the state of a list (text, sort, filters) under a name: what it keeps, and which one is shown. */
import { answer, api, type Schema } from "@/api";
import type { ListState } from "@/ui";

export type SavedView = Schema<"SavedViewOut">;

/** Lists that have views, as the API names them. */
export type ViewedList = "products" | "inventory" | "stock_movements";

export const viewsKey = (resource: ViewedList) => ["/api/v1/saved-views", resource] as const;

export async function readViews(resource: ViewedList, signal: AbortSignal): Promise<SavedView[]> {
  const query = { resource, limit: 200, sort: "name" };
  return (await answer(api.GET("/api/v1/saved-views", { params: { query }, signal }))).data;
}

/** The state a view keeps; whatever else stands in it (another client's) is left out. */
export function stateOf(view: Pick<SavedView, "query">): ListState {
  const entries = Object.entries(view.query).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "",
  );
  return Object.fromEntries(entries);
}

export function queryOf(state: ListState): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state)
      .filter((entry): entry is [string, string] => Boolean(entry[1]))
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

/** Whether a list is as a view keeps it. */
export function shows(view: Pick<SavedView, "query">, state: ListState): boolean {
  return JSON.stringify(queryOf(stateOf(view))) === JSON.stringify(queryOf(state));
}

/** The change that brings a list from its state to a view's: names the view does not have are taken away. */
export function changeTo(view: Pick<SavedView, "query">, state: ListState): ListState {
  const away = Object.fromEntries(Object.keys(state).map((name) => [name, undefined]));
  return { ...away, ...stateOf(view) };
}
