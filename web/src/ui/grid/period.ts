/** Whole days of this device's time zone and the moments at which they begin. */

export const DAY = 86_400_000;

/** The day of a moment here, `2026-01-15`. */
export function dayOf(moment: string | undefined, shift = 0): string | undefined {
  const at = moment ? new Date(moment) : undefined;
  if (!at || Number.isNaN(at.getTime())) return undefined;
  // Around noon, so that the clocks' changes don't move it to another day.
  const day = new Date(at.getTime() + shift + DAY / 2);
  const year = String(day.getFullYear()).padStart(4, "0");
  return [year, day.getMonth() + 1, day.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** The moment at which a day begins here, as the API has moments. */
export function startOf(day: string, shift = 0): string | undefined {
  if (!day) return undefined;
  const start = new Date(new Date(`${day}T12:00:00`).getTime() + shift);
  start.setHours(0, 0, 0, 0);
  return start.toISOString();
}

/** Whether a year is written out: `0202` is one on its way to `2026`. */
export function isYearWhole(day: string): boolean {
  return Number(day.slice(0, 4)) >= 1900;
}
