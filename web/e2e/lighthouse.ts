/**
 * Lighthouse (desktop) on the pages people begin with: `pnpm lighthouse`. Not part of `pnpm e2e`, since the speed of a page
 * says something only on a machine that does nothing else. `RUNS=1` for a quick look; the median of five counts.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { speak } from "./browser";
import { call, enterWorkspace, type Founder, found } from "./people";
import { freePort } from "./stack";

const LIGHTHOUSE = "lighthouse@12.8.2";
const RUNS = Number(process.env.RUNS ?? 5);
const LEAST = { performance: 95, accessibility: 100, "best-practices": 100 } as const;
const CATEGORIES = Object.keys(LEAST) as (keyof typeof LEAST)[];

type Scores = Record<keyof typeof LEAST, number>;
interface Report {
  categories: Record<string, { score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, { score: number | null; title: string; displayValue?: string }>;
}

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "nexus-lighthouse-"));
let port: number;
let context: BrowserContext;
let founder: Founder;

beforeAll(async () => {
  port = await freePort();
  // Lighthouse opens tabs of its own: what they share with ours is the profile, and with it the session.
  context = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: process.env.CHROMIUM,
    baseURL: inject("url"),
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", `--remote-debugging-port=${port}`],
  });
  await speak(context, "en");
  founder = await found("lighthouse");
  const headers = { "Idempotency-Key": founder.slug };
  await call("POST", "/sample-data", { token: founder.token, slug: founder.slug, headers });
});

afterAll(async () => {
  await context?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("log-in", () => measure("log-in", new URL("/log-in", inject("url")).href));

test("dashboard", async () => {
  await workspace();
  await measure("dashboard", founder.home);
});

test("products", async () => {
  await workspace();
  await measure("products", `${founder.home}/products`);
});

test("tenants", async () => {
  const page = await context.newPage();
  const operator = inject("operator");
  await page.goto("/operator/log-in");
  await page.getByLabel("E-mail address").fill(operator.email);
  await page.getByRole("textbox", { name: "Password" }).fill(operator.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => url.pathname !== "/operator/log-in");
  await measure("tenants", new URL("/operator/tenants", inject("url")).href);
});

async function workspace() {
  const page = await context.newPage();
  await enterWorkspace(page, founder);
  await page.close();
}

async function measure(name: string, address: string) {
  const reports: Report[] = [];
  for (let turn = 0; turn < RUNS; turn += 1) reports.push(await report(`${name}-${turn}`, address));
  const middle = Object.fromEntries(CATEGORIES.map((category) => [category, median(reports, category)])) as Scores;
  const all = reports.map((one) => scoreOf(one, "performance")).join(" ");
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `${name}: performance ${middle.performance} (${all}), accessibility ${middle.accessibility}, best practices ${middle["best-practices"]}; load ${load}`,
  );
  const short = CATEGORIES.filter((category) => middle[category] < LEAST[category]);
  const lost = short.flatMap((category) => reports.at(-1)?.categories[category]?.auditRefs ?? []);
  const audits = lost.flatMap(({ id, weight }) => {
    const audit = reports.at(-1)?.audits[id];
    return weight > 0 && audit && audit.score !== null && audit.score < 1
      ? [`${id}: ${audit.displayValue ?? audit.title}`]
      : [];
  });
  expect(short, audits.join("\n")).toEqual([]);
}

/** A trace that the browser gave without its beginning is none: Lighthouse asks to be run again, which is done once. */
const NO_TRACE = /NO_NAVSTART|NO_TRACING_STARTED/;

async function report(name: string, address: string): Promise<Report> {
  const file = join(folder, `${name}.json`);
  const what = ["--preset=desktop", `--only-categories=${CATEGORIES.join(",")}`];
  const how = ["--quiet", "--output=json", `--output-path=${file}`, `--port=${port}`];
  const once = () => run("npx", ["--yes", LIGHTHOUSE, address, ...what, ...how]);
  await once().catch((fault) => (NO_TRACE.test(String(fault)) ? once() : Promise.reject(fault)));
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

function scoreOf(report: Report, category: string): number {
  return Math.round(100 * (report.categories[category]?.score ?? 0));
}

function median(reports: Report[], category: string): number {
  const scores = reports.map((one) => scoreOf(one, category)).sort((a, b) => a - b);
  return scores[scores.length >> 1] ?? 0;
}
