/** A file that was chosen: what is in its first rows, and how they were read. */
import { type Delimiter, decoded, delimiterOf, type Encoding, rowsOf } from "./csv";

export interface Reading {
  encoding: Encoding;
  delimiter: Delimiter;
}

export interface Source extends Reading {
  /** Tells one choice of a file from another. */
  id: string;
  file: File;
  header: string[];
  /** Of each column: some of its values. */
  examples: string[][];
}

const HEAD_BYTES = 256 * 1024;
const ROWS = 100;
const EXAMPLES = 3;

/** Reads the beginning of a file; how it is written is found out, unless it is said. */
export async function readSource(file: File, said: Partial<Reading> = {}): Promise<Source> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const { text, encoding } = said.encoding
    ? { text: new TextDecoder(said.encoding).decode(bytes), encoding: said.encoding }
    : decoded(bytes);
  const delimiter = said.delimiter ?? delimiterOf(text);
  const [header = [], ...rows] = rowsOf(text, delimiter, ROWS);
  const examples = header.map((_, column) => {
    const values = rows.map((row) => row[column]?.trim() ?? "").filter(Boolean);
    return [...new Set(values)].slice(0, EXAMPLES);
  });
  return { id: crypto.randomUUID(), file, encoding, delimiter, header, examples };
}
