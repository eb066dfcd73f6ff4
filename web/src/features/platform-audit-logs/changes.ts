/** What an entry says was changed: one row a name that either side has. */
export interface ChangedField {
  field: string;
  before: string | undefined;
  after: string | undefined;
}

type Side = Record<string, unknown> | null | undefined;

export function changesOf({ before, after }: { before?: Side; after?: Side }): ChangedField[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...fields].map((field) => ({ field, before: written(before, field), after: written(after, field) }));
}

function written(side: Side, field: string): string | undefined {
  const value = side?.[field];
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}
