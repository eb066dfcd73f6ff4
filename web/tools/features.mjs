/**
 * Collects what the features bring: the public routes and the types of all texts (src/app/features.gen.ts), and the routes of
 * the workspace and of the platform's administration (src/app/inside.gen.ts), which the public pages don't read.
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

const imports = { features: [], inside: [] };
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
    const line = `import * as ${name} from "../features/${feature}/routes";`;
    if (present.includes("public")) imports.features.push(line);
    if (present.some((area) => area !== "public")) imports.inside.push(line);
    for (const area of present) routes[area].push(`...${name}.${area}Routes`);
  }
  if (existsSync(join(source, "features", feature, "locales/en.json")))
    texts.push(`    ${JSON.stringify(feature)}: typeof import("../features/${feature}/locales/en.json");`);
}

const HEAD = "// Written by tools/features.mjs; do not edit.";
const list = (area) => `export const ${area}Routes = [${routes[area].join(", ")}] as const;`;

write(
  "features.gen.ts",
  `${HEAD}
import "i18next";
${imports.features.join("\n")}

${list("public")}

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "ui";
    resources: {
${texts.map((line) => `  ${line}`).join("\n")}
    };
  }
}
`,
);
write("inside.gen.ts", `${HEAD}\n${imports.inside.join("\n")}\n\n${list("workspace")}\n${list("operator")}\n`);

function write(name, written) {
  const target = join(source, "app", name);
  if (!existsSync(target) || readFileSync(target, "utf8") !== written) writeFileSync(target, written);
}
