/** Files as tables, as far as a browser needs them: what separates columns, what letters they are written in, the first rows. */

export type Encoding = "utf-8" | "windows-1252";
export const DELIMITERS = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** The beginning of a file as text. Cut within a letter or not, UTF-8 is known by having no letter that can't be. */
export function decoded(bytes: Uint8Array): { text: string; encoding: Encoding } {
  for (let cut = 0; cut < 4; cut += 1) {
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, bytes.length - cut));
      return { text, encoding: "utf-8" };
    } catch {
      // The last letter may have been cut in two: try without its bytes.
    }
  }
  return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
}

/** What separates columns: the sign that makes most columns in the first row. */
export function delimiterOf(text: string): Delimiter {
  const counts = DELIMITERS.map((sign) => rowsOf(text, sign, 1)[0]?.length ?? 0);
  const most = Math.max(...counts);
  return DELIMITERS[counts.indexOf(most)] ?? ",";
}

/** The first rows, by RFC 4180: quoted cells may hold anything, doubled quotes are one. Empty rows are left out. */
export function rowsOf(text: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endCell = () => {
    row.push(cell);
    cell = "";
  };
  const endRow = () => {
    endCell();
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  };
  const from = text.startsWith("\ufeff") ? 1 : 0;
  for (let at = from; at < text.length && rows.length < most; at += 1) {
    const sign = text[at];
    if (isQuoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (sign === '"' && cell === "") isQuoted = true;
    else if (sign === delimiter) endCell();
    else if (sign === "\n") endRow();
    else if (sign !== "\r") cell += sign;
  }
  if (rows.length < most && (cell !== "" || row.length > 0)) endRow();
  return rows;
}

/** A cell without the apostrophe that keeps spreadsheets from computing it. */
export function bare(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}
