/**
 * What pages weigh: JavaScript, gzip, everything that is needed until a page is drawn. Fails above the budgets.
 * Read from Vite's manifest, so `vite build` comes first.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const KB = 1000;
const BUDGET = { "log-in": 180, shell: 260, route: 80 };

const weights = new Map();
function weigh(file) {
  if (!weights.has(file)) weights.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length);
  return weights.get(file);
}

/** A chunk with all that it imports before it runs. */
function closure(keys) {
  const seen = new Set();
  const walk = (key) => {
    if (seen.has(key) || !manifest[key]) return;
    seen.add(key);
    for (const next of manifest[key].imports ?? []) walk(next);
  };
  for (const key of keys) walk(key);
  return seen;
}
const sum = (keys) =>
  [...keys]
    .map((key) => manifest[key].file)
    .filter((file) => file.endsWith(".js"))
    .reduce((total, file) => total + weigh(file), 0);

/** What the features' routes show, as `slice/Page`: none is left unweighed. */
function pages() {
  const features = join(dist, "../src/features");
  return readdirSync(features)
    .sort()
    .filter((slice) => existsSync(join(features, slice, "routes.tsx")))
    .flatMap((slice) => {
      const routes = readFileSync(join(features, slice, "routes.tsx"), "utf8");
      return [...new Set([...routes.matchAll(/import\("\.\/(\w+)"\)/g)].map(([, page]) => `${slice}/${page}`))].sort();
    });
}

const english = (name) => Object.keys(manifest).filter((key) => key === `src/${name}/locales/en.json`);
const base = ["index.html", ...english("ui"), ...english("app")];
const shell = ["src/app/inside.gen.ts", "src/app/shell/WorkspaceShell.tsx", "src/ui/icon-set.tsx", ...base];
const operators = shell.map((key) => key.replace("WorkspaceShell", "OperatorShell"));
const logIn = ["src/features/auth/LogInPage.tsx", ...english("features/auth"), ...base].filter((key) => manifest[key]);

const rows = [
  ["log-in", sum(closure(logIn)), BUDGET["log-in"]],
  ["workspace shell", sum(closure(shell)), BUDGET.shell],
  ["operators' shell", sum(closure(operators)), BUDGET.shell],
];
const have = closure(shell);
for (const page of pages()) {
  const key = `src/features/${page}.tsx`;
  if (!manifest[key]) throw new Error(`${key} is a route, and no chunk of its own`);
  if (logIn.includes(key)) continue;
  const needed = closure([key, ...english(`features/${page.split("/")[0]}`)]);
  rows.push([page, sum([...needed].filter((one) => !have.has(one))), BUDGET.route]);
}
let failed = false;
for (const [name, bytes, budget] of rows) {
  const over = bytes > budget * KB;
  failed ||= over;
  console.log(`${over ? "OVER" : "  ok"}  ${name.padEnd(40)} ${(bytes / KB).toFixed(1).padStart(7)} kB of ${budget}`);
}
if (failed) process.exit(1);
