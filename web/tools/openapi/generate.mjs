/**
 * Writes the typed client's types (src/api/schema.gen.ts) and the zod schemas of request bodies (src/api/zod.gen.ts)
 * from docs/openapi.json. Nothing generated is committed: it is written before every build, check and test, and only when
 * the document or this file has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../../../docs/openapi.json");
const target = join(here, "../../src/api");
const text = readFileSync(source, "utf8");
const stamp = `// ${createHash("sha256")
  .update(text)
  .update(readFileSync(fileURLToPath(import.meta.url)))
  .digest("hex")}`;
const files = ["schema.gen.ts", "zod.gen.ts"].map((name) => join(target, name));
const fresh = files.every((file) => existsSync(file) && readFileSync(file, "utf8").startsWith(stamp));

if (!fresh) {
  const { default: openapiTS, astToString } = await import("openapi-typescript");
  const document = JSON.parse(text);
  withoutOwnHeader(document);
  writeFileSync(
    files[0],
    `${stamp}\n${astToString(await openapiTS(document, { alphabetize: true, defaultNonNullable: false, emptyObjectsUnknown: true }))}`,
  );
  writeFileSync(files[1], `${stamp}\n${await zodSchemas(document)}`);
}

/** `X-Console` is sent with every request by the client itself: nobody has to name it. */
function withoutOwnHeader(document) {
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  for (const operation of operations)
    if (Array.isArray(operation?.parameters))
      operation.parameters = operation.parameters.filter(({ name }) => name !== "X-Console");
}

/** Schemas of what the console sends: every request body, and what those are made of. */
async function zodSchemas(document) {
  const bodies = Object.values(document.paths)
    .flatMap((path) => Object.values(path))
    .map((operation) => operation?.requestBody?.content?.["application/json"]?.schema?.$ref)
    .filter(Boolean);
  const wanted = new Set();
  const collect = (ref) => {
    const name = ref.split("/").pop();
    if (wanted.has(name)) return;
    wanted.add(name);
    JSON.stringify(document.components.schemas[name], (key, value) => {
      if (key === "$ref" && typeof value === "string" && value.startsWith("#/components/schemas/")) collect(value);
      return value;
    });
  };
  for (const ref of bodies) collect(ref);
  const schemas = Object.fromEntries(
    [...wanted].sort().map((name) => [name, withoutWideIntegers(document.components.schemas[name])]),
  );
  const { createClient } = await import("@hey-api/openapi-ts");
  const folder = mkdtempSync(join(tmpdir(), "nexus-zod-"));
  try {
    await createClient({
      input: { ...document, paths: {}, components: { schemas } },
      output: { path: folder },
      plugins: [{ name: "zod", compatibilityVersion: "mini", definitions: true, requests: false, responses: false }],
      logs: { level: "silent" },
      parser: { filters: { orphans: true } },
    });
    return readFileSync(join(folder, "zod.gen.ts"), "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** 64-bit numbers of the contract are versions and counts; JSON carries them as numbers, and so do forms. */
function withoutWideIntegers(schema) {
  return JSON.parse(
    JSON.stringify(schema, (key, value) => (key === "format" && value === "int64" ? undefined : value)),
  );
}
