/** How the palette finds what is typed: every word typed begins a word of the text, in any order, whatever its accents. */
export function fits(text: string, asked: string): boolean {
  const words = plain(text).split(/[\s:/]+/);
  return plain(asked)
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)));
}

/** Those whose text begins with what is typed come first; the others keep their order. */
export function ranked<T extends { label: string }>(entries: T[], asked: string): T[] {
  const begins = (entry: T) => plain(entry.label).startsWith(plain(asked));
  return asked ? [...entries.filter(begins), ...entries.filter((entry) => !begins(entry))] : entries;
}

function plain(value: string): string {
  return value.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
