/** Fails unless every text exists in every language with the same placeholders; plural forms follow each language's own rules. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "../src");
const languages = ["en", "de", "ar"];
const faults = [];

const folders = [join(source, "ui/locales"), join(source, "app/locales"), join(source, "errors/locales")];
for (const feature of readdirSync(join(source, "features"))) {
  const folder = join(source, "features", feature, "locales");
  if (existsSync(folder)) folders.push(folder);
}
for (const folder of folders) check(folder);
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exit(1);
}

function check(folder) {
  const [reference, ...others] = languages.map((language) => ({
    language,
    texts: read(join(folder, `${language}.json`)),
  }));
  for (const { language, texts } of [reference, ...others]) {
    const where = `${relative(source, folder)}/${language}.json`;
    for (const [base, english] of Object.entries(reference.texts)) {
      const here = texts[base];
      if (!here) {
        faults.push(`${where}: ${base} is missing`);
        continue;
      }
      const wanted = english.plural ? new Intl.PluralRules(language).resolvedOptions().pluralCategories : [""];
      for (const form of wanted)
        if (!(form in here.forms)) faults.push(`${where}: ${base}${form && `_${form}`} is missing`);
      for (const [form, text] of Object.entries(here.forms)) {
        if (text.trim() === "") faults.push(`${where}: ${base} is empty`);
        // "One product" may leave the number out; every other placeholder must be there.
        const differing = [...symmetric(placeholders(text), english.placeholders)].filter(
          (name) => !(english.plural && name === "count"),
        );
        if (differing.length > 0)
          faults.push(
            `${where}: ${base}${form && `_${form}`} has other placeholders than English: ${differing.join(", ")}`,
          );
      }
    }
    for (const base of Object.keys(texts))
      if (!(base in reference.texts)) faults.push(`${where}: ${base} is not in English`);
  }
}

function read(file) {
  const texts = {};
  if (!existsSync(file)) {
    faults.push(`${relative(source, file)} is missing`);
    return texts;
  }
  const walk = (value, path) => {
    if (typeof value !== "string") {
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
      return;
    }
    const plural = /^(.*)_(zero|one|two|few|many|other)$/.exec(path);
    const base = plural ? plural[1] : path;
    texts[base] ??= { plural: Boolean(plural), forms: {}, placeholders: new Set() };
    texts[base].forms[plural ? plural[2] : ""] = value;
    for (const name of placeholders(value)) texts[base].placeholders.add(name);
  };
  walk(JSON.parse(readFileSync(file, "utf8")), "");
  return texts;
}

function placeholders(text) {
  return new Set([...text.matchAll(/\{\{\s*([\w.]+)/g)].map((match) => match[1]));
}

function symmetric(a, b) {
  return new Set([...a].filter((x) => !b.has(x)).concat([...b].filter((x) => !a.has(x))));
}
