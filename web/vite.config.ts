import { fileURLToPath } from "node:url";
import optimizeLocales from "@react-aria/optimize-locales-plugin";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `vite` finds the program while the console is being worked on. */
const program = process.env.NEXUS_URL ?? "http://localhost:8080";

/** The libraries and modules that no page does without. */
const BASE = new RegExp(
  [
    "/node_modules/(react|react-dom|scheduler|i18next|react-i18next|openapi-fetch)/",
    "/node_modules/@tanstack/(react-router|router-core|history|store|react-store|react-query|query-core)/",
    "/src/api/(?!zod)",
    "/src/i18n/(?!feature-texts|regions)",
    "/src/ui/(Button|button-look|icons|ErrorPanel|EmptyState|problem-text|toast)\\.",
  ].join("|"),
);

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    // React Aria brings its own words in thirty languages.
    { ...optimizeLocales.vite({ locales: ["en-US", "de-DE", "ar-AE"] }), enforce: "pre" },
  ],
  resolve: {
    alias: [
      { find: "@", replacement: fileURLToPath(new URL("./src", import.meta.url)) },
      // HeroUI's classes never collide, so nothing has to be merged: without the merging it is a tenth.
      { find: /^tailwind-variants$/, replacement: "tailwind-variants/lite" },
    ],
  },
  build: {
    target: "es2023",
    manifest: true,
    // Everything is a file of its own: the content security policy allows no data: URL for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // The schemas of request bodies are made by calls; without this, a page that uses one would carry all.
      treeshake: { manualPureFunctions: ["z"] },
      output: {
        // What every page begins with is one file: many small ones weigh more, since each is compressed by itself.
        codeSplitting: {
          groups: [{ name: "base", test: BASE }],
        },
      },
    },
  },
  server: {
    port: 5173,
    // Hosts of organizations: acme.localhost:5173.
    allowedHosts: [".localhost"],
    proxy: Object.fromEntries(
      ["/api", "/.well-known", "/docs", "/dev/", "/version"].map((path) => [
        path,
        // The host tells the organization, so it goes on as it came; only the origin becomes the program's.
        { target: program, changeOrigin: false },
      ]),
    ),
  },
  // The built console under the policy that the program sends with it.
  preview: {
    allowedHosts: [".localhost"],
    headers: {
      "Content-Security-Policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
  },
});
