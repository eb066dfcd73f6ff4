/** Background jobs: how far, and what came of them. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";

export type Job = Schema<"JobOut">;

export const KINDS = ["imports.products", "imports.movements", "catalog.export_products", "inventory.verify"] as const;
export const STATES = ["queued", "running", "succeeded", "failed", "cancelled"] as const;

/** Whether it goes on: more states may come, so only the known ends are ends. */
export function goesOn({ state }: Pick<Job, "state">): boolean {
  return state === "queued" || state === "running";
}

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["/api/v1/jobs", id],
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/jobs/{id}", { params: { path: { id } }, signal }))).data,
    refetchInterval: ({ state }) => (state.data && !goesOn(state.data) ? false : 1_000),
    staleTime: 0,
  });

/** How far, from 0 to 1; undefined where nobody knows yet. */
export function fractionOf({ state, progress }: Pick<Job, "state" | "progress">): number | undefined {
  if (state === "succeeded") return 1;
  if (!progress.total) return undefined;
  return Math.min(1, progress.done / progress.total);
}

/** Figures of a summary that people read, in this order. */
const FIGURES = [
  "rows",
  "created",
  "updated",
  "unchanged",
  "movements",
  "levels",
  "new_levels",
  "quantity_in",
  "quantity_out",
  "categories_created",
  "merged_rows",
  "not_stocked",
  "skus_in_several_spellings",
  "products",
  "variants",
  "skipped",
  "errors",
] as const;
export type Figure = (typeof FIGURES)[number];

/** Those there are; what would be nought and says nothing is left out. */
export function figuresOf({ summary }: Pick<Job, "summary">): { figure: Figure; value: string }[] {
  const told = (summary ?? {}) as Record<string, unknown>;
  return FIGURES.flatMap((figure) => {
    const value = told[figure];
    if (typeof value !== "number" && typeof value !== "string") return [];
    const isSilent = figure !== "rows" && figure !== "created" && figure !== "movements" && Number(value) === 0;
    return isSilent ? [] : [{ figure, value: String(value) }];
  });
}

export function isDryRun({ summary }: Pick<Job, "summary">): boolean {
  return (summary as Record<string, unknown> | null | undefined)?.dry_run === true;
}

/** Columns of the file that nothing was taken from. */
export function ignoredColumns({ summary }: Pick<Job, "summary">): string[] {
  const names = (summary as Record<string, unknown> | null | undefined)?.ignored_columns;
  return Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
}

export function errorCount({ summary }: Pick<Job, "summary">): number {
  const count = (summary as Record<string, unknown> | null | undefined)?.errors;
  return typeof count === "number" ? count : 0;
}

/** A refusal as jobs keep it: `IMPORT_HEADER: The column is missing.`; a fault without a code is a message alone. */
export function faultOf(error: string): { code: string | undefined; message: string } {
  const [, code, message] = /^([A-Z][A-Z_]+): (.*)$/s.exec(error) ?? [];
  return { code, message: message ?? error };
}
