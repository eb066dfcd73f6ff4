/** Texts of the console in a language, for tests that find controls in each of them. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Look } from "./browser";

type Texts = { [key: string]: string | Texts };

/** `say("inventory", "titles.receive")`; placeholders are left as they stand. */
export function texts(language: Look["language"] = "en") {
  return (slice: string, key: string): string => {
    const folder = ["ui", "app"].includes(slice) ? slice : `features/${slice}`;
    const file = fileURLToPath(new URL(`../src/${folder}/locales/${language}.json`, import.meta.url));
    const found = key
      .split(".")
      .reduce<string | Texts | undefined>(
        (at, part) => (typeof at === "object" ? at[part] : undefined),
        JSON.parse(readFileSync(file, "utf8")) as Texts,
      );
    if (typeof found !== "string") throw new Error(`no text ${slice}:${key} in ${language}`);
    return found;
  };
}
