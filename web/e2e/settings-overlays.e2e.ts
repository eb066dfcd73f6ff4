/** What opens before the screens of the settings, in light, dark, from the right and at 360 px. Pictures go to `e2e/out`. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { type Look, speak, visitors } from "./browser";
import { enterWorkspace, type Founder, found } from "./people";
import { samples } from "./samples/settings";

const visit = visitors();
let founder: Founder;

beforeAll(async () => {
  founder = await found("overlays");
  await samples(founder);
});

const row = (page: Page, index: number) => page.getByRole("grid").getByRole("row").nth(index);
const item = (page: Page, index: number) => page.getByRole("menuitem").nth(index);

/** What opens a dialog beside itself. */
const opening = (page: Page) => page.locator("main [aria-expanded]");

/** Where, and what opens it there, whatever the language. */
const OVERLAYS: Record<string, { path: string; open?: (page: Page) => Promise<void>; without?: string[] }> = {
  invite: { path: "/users#invite" },
  "new-role": { path: "/roles#new" },
  "edit-role": {
    path: "/roles",
    open: async (page) => {
      await page.locator("main li button").first().click();
      await item(page, 0).click();
    },
  },
  "new-key": { path: "/api-keys#new" },
  key: { path: "/api-keys", open: (page) => row(page, 1).click() },
  shortcuts: {
    path: "/tags",
    open: async (page) => {
      await page.locator("h1").waitFor();
      await page.keyboard.press("?");
    },
  },
  // On a narrow screen the order, elsewhere the columns.
  sort: { path: "/products", open: (page) => opening(page).last().click() },
  // React Aria marks both ends of what a search is in, outside every landmark.
  who: { path: "/audit-logs", open: (page) => opening(page).first().click(), without: ["region"] },
  "audit-entry": { path: "/audit-logs", open: (page) => row(page, 1).click() },
};

test.each<[string, Look]>([
  ["light", { theme: "light" }],
  ["dark", { theme: "dark" }],
  ["from-the-right", { language: "ar" }],
  ["narrow", { width: 360, height: 740 }],
])("%s", async (name, look) => {
  const { page, context } = await visit({ ...look, language: "en" });
  await enterWorkspace(page, founder);
  await speak(context, look.language ?? "en");
  const faults: string[] = [];
  for (const [overlay, { path, open, without }] of Object.entries(OVERLAYS)) {
    await page.goto("about:blank");
    await page.goto(founder.home + path);
    await open?.(page);
    await page.locator("section[role=dialog]").waitFor();
    await expectAccessible(page, overlay, without).catch((fault) => faults.push(String(fault)));
    await page.screenshot({ path: `e2e/out/${name}/overlay-${overlay}.png` });
  }
  expect(faults).toEqual([]);
});
