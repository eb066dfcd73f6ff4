import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `NEXUS_E2E_RUN` names a file that is not part of the suite: figures, pictures.
const alone = process.env.NEXUS_E2E_RUN;

/** What is measured must not wait for a neighbour: these run by themselves. */
const MEASURED = ["newcomer", "sign-up", "grid", "products-grid"].map((name) => `e2e/${name}.e2e.ts`);

const common = {
  root: fileURLToPath(new URL("..", import.meta.url)),
  globalSetup: ["e2e/stack.ts"],
  environment: "node",
  hookTimeout: 120_000,
  // What a page shows in the end; what must be quick is measured.
  expect: { poll: { timeout: 15_000 } },
};

export default defineConfig({
  test: {
    projects: alone
      ? [{ test: { ...common, name: "alone", include: [`e2e/${alone}.ts`], testTimeout: 900_000 } }]
      : [
          {
            test: {
              ...common,
              name: "measured",
              include: MEASURED,
              fileParallelism: false,
              sequence: { groupOrder: 0 },
              testTimeout: 60_000,
            },
          },
          {
            test: {
              ...common,
              name: "flows",
              include: ["e2e/**/*.e2e.ts"],
              exclude: MEASURED,
              maxWorkers: 2,
              sequence: { groupOrder: 1 },
              testTimeout: 90_000,
            },
          },
        ],
  },
});
