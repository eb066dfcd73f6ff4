import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// `NEXUS_E2E_RUN` names a file that is not part of the suite: figures, pictures.
const alone = process.env.NEXUS_E2E_RUN;

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: alone ? [`e2e/${alone}.ts`] : ["e2e/**/*.e2e.ts"],
    globalSetup: ["e2e/stack.ts"],
    environment: "node",
    // One program and one browser at a time: what is measured must not wait for a neighbour.
    fileParallelism: false,
    testTimeout: alone ? 900_000 : 60_000,
    hookTimeout: 120_000,
  },
});
