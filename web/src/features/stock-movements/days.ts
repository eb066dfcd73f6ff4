/** Days of business time as the filters of the API have them: from the first moment of one to the first of the next. */

/** The calendar day of a moment, as a field of dates has it. */
export function dayOf(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The first moment of a day here; undefined where it is none. */
export function startOf(day: string, plus = 0): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!match) return undefined;
  const at = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + plus);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The day of a bound in the state of a list, to show it in a field. `until` is the first moment after it. */
export function dayIn(bound: string | undefined, isUntil = false): string {
  if (!bound) return "";
  const at = new Date(bound);
  if (Number.isNaN(at.getTime())) return "";
  return dayOf(isUntil ? new Date(at.getTime() - 1) : at);
}
