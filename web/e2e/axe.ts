/** No violation of WCAG 2.2 A and AA that axe can find, and nothing that scrolls sideways. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { quiet } from "./quiet";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

interface Result {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** `without` names rules that can't hold there. */
export async function expectAccessible(page: Page, where: string, without: string[] = []) {
  await settled(page);
  // By the protocol, not as a script element: the page's policy allows none that is not its own.
  await page.evaluate(source);
  const result: Result = await page.evaluate(
    ({ tags, off }) =>
      (globalThis as never as { axe: { run: (root: Document, how: unknown) => Promise<Result> } }).axe.run(document, {
        runOnly: tags,
        rules: Object.fromEntries(off.map((rule) => [rule, { enabled: false }])),
      }),
    { tags: TAGS, off: without },
  );
  const found = result.violations.map(({ id, help, nodes }) => {
    const where = nodes.map(
      (node) => `${node.html.slice(0, 200)} (${node.failureSummary?.split("\n").at(-1)?.trim()})`,
    );
    return `${id}: ${help}\n    ${where.join("\n    ")}`;
  });
  expect(found, where).toEqual([]);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(beyond, `${where} scrolls sideways by so many pixels`).toBeLessThanOrEqual(0);
}

/** Nothing is being read, and nothing moves any more: axe measures colours as they are just then. */
export async function settled(page: Page) {
  await quiet(page);
  await page.waitForFunction(() => {
    const endless = (one: Animation) => one.effect?.getComputedTiming().iterations === Number.POSITIVE_INFINITY;
    const still = document.getAnimations().every((one) => one.playState !== "running" || endless(one));
    return still && document.querySelector("[aria-busy=true]:not(button)") === null;
  });
}
