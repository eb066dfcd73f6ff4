/**
 * What pages weigh: JavaScript, gzip, everything that is needed until a page is drawn. Fails above the budgets.
 * Read from Vite's manifest, so `vite build` comes first.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = join(dirname(fileURLToPath(import.meta.url)), "../dist");
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8"));
const KB = 1000;
const BUDGET = { "log-in": 180, "workspace shell": 260, route: 80 };

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

const english = (name) => Object.keys(manifest).filter((key) => key === `src/${name}/locales/en.json`);
const base = ["index.html", ...english("ui"), ...english("app")];
const shell = ["src/app/inside.gen.ts", "src/app/shell/WorkspaceShell.tsx", "src/ui/icon-set.tsx", ...base];
const logIn = ["src/features/auth/LogInPage.tsx", ...english("features/auth"), ...base].filter((key) => manifest[key]);

const rows = [
  ["log-in", sum(closure(logIn)), BUDGET["log-in"]],
  ["workspace shell", sum(closure(shell)), BUDGET["workspace shell"]],
];
const have = closure(shell);
for (const key of Object.keys(manifest).sort()) {
  const match = /^src\/features\/([^/]+)\/(\w+Page)\.tsx$/.exec(key);
  if (!match || logIn.includes(key)) continue;
  const own =
    closure([key, ...english(`features/${match[1]}`)]).difference?.(have) ??
    new Set([...closure([key])].filter((one) => !have.has(one)));
  rows.push([`${match[1]}/${match[2]}`, sum(own), BUDGET.route]);
}
let failed = false;
for (const [name, bytes, budget] of rows) {
  const over = bytes > budget * KB;
  failed ||= over;
  console.log(`${over ? "OVER" : "  ok"}  ${name.padEnd(40)} ${(bytes / KB).toFixed(1).padStart(7)} kB of ${budget}`);
}
if (failed) process.exit(1);
