/**
 * What somebody changed, as a PATCH of the contract wants it: a field that stays is absent, one that is emptied is `null`,
 * and lists are given whole.
 */

/** Whether two values say the same; nothing, an empty text, an empty list and an empty object are all nothing. */
export function same(a: unknown, b: unknown): boolean {
  if (isBlank(a) || isBlank(b)) return isBlank(a) && isBlank(b);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => same(one, b[index]));
  if (isRecord(a) && isRecord(b))
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
  return a === b;
}

export type Changes<T> = { [K in keyof T]?: Exclude<T[K], undefined> | null };

export function patchOf<T extends object>(before: T, after: T): Changes<T> {
  const patch: Record<string, unknown> = {};
  const [was, is] = [before as Record<string, unknown>, after as Record<string, unknown>];
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    if (same(was[key], is[key])) continue;
    patch[key] = is[key] ?? null;
  }
  return patch as Changes<T>;
}

function isBlank(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.values(value).every(isBlank);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
