/**
 * How hard a password is to guess, roughly, and which of the visible rules it meets. The server decides; this helps while
 * typing. Length counts most: a sentence beats a word with a digit behind it.
 */

export interface Rule {
  id: "length" | "not_yours" | "varied";
  isMet: boolean;
}

export interface Strength {
  /** 1 weak … 4 very strong. */
  level: 1 | 2 | 3 | 4;
  rules: Rule[];
}

const COMMON = /^(password|passwort|123|qwert|letmein|welcome|admin|nexus)/i;
const RUN = /(.)\1{3,}|0123|1234|2345|3456|4567|5678|6789|abcd|qwert|asdf/i;

export function strengthOf(password: string, known: (string | undefined)[] = []): Strength {
  const length = [...password].length;
  const lower = password.toLowerCase();
  const own = known
    .flatMap((value) => (value ?? "").toLowerCase().split(/[\s@.]+/))
    .filter((part) => part.length >= 4)
    .some((part) => lower.includes(part));
  const different = new Set(password).size;
  const varied = different >= Math.min(8, Math.ceil(length / 2)) && !RUN.test(password);

  let points = length >= 20 ? 4 : length >= 15 ? 3 : length >= 12 ? 2 : 1;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  if (kinds >= 3) points += 1;
  if (!varied || COMMON.test(password)) points -= 1;
  if (own || length < 10) points = 1;
  return {
    level: Math.min(4, Math.max(1, points)) as Strength["level"],
    rules: [
      { id: "length", isMet: length >= 10 && length <= 128 },
      { id: "not_yours", isMet: length > 0 && !own },
      { id: "varied", isMet: length > 0 && varied },
    ],
  };
}
