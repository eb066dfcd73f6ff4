/** `pnpm e2e [part of a name]`: Chromium against the real program with the console that was built last. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
if (!existsSync(join(here, "../dist/index.html"))) {
  console.error("The console is not built: pnpm build");
  process.exit(1);
}
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(chromium)) {
  console.error(`There is no browser at ${chromium}: apt-get install chromium, or name one in CHROMIUM.`);
  process.exit(1);
}
const run = spawnSync(
  process.execPath,
  [
    join(here, "../node_modules/vitest/vitest.mjs"),
    "run",
    "-c",
    join(here, "vitest.config.ts"),
    ...process.argv.slice(2),
  ],
  { stdio: "inherit", env: { ...process.env, CHROMIUM: chromium } },
);
process.exit(run.status ?? 1);
