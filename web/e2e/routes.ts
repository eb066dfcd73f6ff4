/**
 * Every route that the features bring, read from their `routes.tsx`, so that none is forgotten. Routes with parameters are
 * visited by the addresses that `e2e/samples/<slice>.ts` makes.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Founder } from "./people";

export interface Route {
  slice: string;
  area: "public" | "workspace" | "operator";
  path: string;
}

/** Makes what a slice's screens show, and gives addresses for its routes with parameters. */
export type Samples = (founder: Founder) => Promise<Record<string, string>>;

const features = fileURLToPath(new URL("../src/features", import.meta.url));
const ROUTE = /getParentRoute: \(\) => (public|workspace|operator)Route,\s*path: "([^"]+)"/g;

export function routes(): Route[] {
  return readdirSync(features).flatMap((slice) => {
    const file = `${features}/${slice}/routes.tsx`;
    if (!existsSync(file)) return [];
    const found = readFileSync(file, "utf8").matchAll(ROUTE);
    return [...found].map(([, area, path]) => ({ slice, area: area as Route["area"], path: path ?? "" }));
  });
}
