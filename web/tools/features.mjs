/**
 * Collects what the features bring (src/app/features.gen.ts): their routes by area, and their texts for the types of keys.
 * A feature is a folder of src/features; nothing else needs to know of it.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "../src");
const areas = ["public", "workspace", "operator"];
const features = readdirSync(join(source, "features"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

const imports = [];
const routes = Object.fromEntries(areas.map((area) => [area, []]));
const texts = [
  '    ui: typeof import("../ui/locales/en.json");',
  '    app: typeof import("./locales/en.json");',
  '    errors: typeof import("../errors/locales/en.json");',
];
for (const feature of features) {
  const name = feature.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
  const file = join(source, "features", feature, "routes.tsx");
  if (existsSync(file)) {
    const text = readFileSync(file, "utf8");
    const present = areas.filter((area) => text.includes(`export const ${area}Routes`));
    if (present.length === 0)
      throw new Error(`${file} exports none of ${areas.map((area) => `${area}Routes`).join(", ")}`);
    imports.push(`import * as ${name} from "../features/${feature}/routes";`);
    for (const area of present) routes[area].push(`...${name}.${area}Routes`);
  }
  if (existsSync(join(source, "features", feature, "locales/en.json")))
    texts.push(`    ${JSON.stringify(feature)}: typeof import("../features/${feature}/locales/en.json");`);
}

const written = `// Written by tools/features.mjs; do not edit.
import "i18next";
${imports.join("\n")}

${areas.map((area) => `export const ${area}Routes = [${routes[area].join(", ")}] as const;`).join("\n")}

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "ui";
    resources: {
${texts.map((line) => `  ${line}`).join("\n")}
    };
  }
}
`;
const target = join(source, "app/features.gen.ts");
if (!existsSync(target) || readFileSync(target, "utf8") !== written) writeFileSync(target, written);
