/** What every page has around it: the palette, the keys, the title and the focus of who arrives, the network's notice. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { visitors } from "./browser";
import { call, enterWorkspace, type Founder, found } from "./people";

const visit = visitors();
let founder: Founder;

beforeAll(async () => {
  founder = await found("around");
  await call("POST", "/sample-data", {
    token: founder.token,
    slug: founder.slug,
    headers: { "Idempotency-Key": founder.slug },
  });
});

async function ask(page: Page, text: string) {
  await page.keyboard.press("Control+k");
  await page.getByRole("searchbox").fill(text);
}

test("the palette finds a product by its name, opens it by keyboard, and knows it afterwards", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await ask(page, "house esp");
  await page.getByRole("menuitem", { name: "House espresso" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "House espresso" }).waitFor();
  await page.getByRole("link", { name: "Start", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  await page.keyboard.press("Control+k");
  const recent = page.getByRole("group", { name: "Looked at last" });
  await recent.getByRole("menuitem", { name: "House espresso" }).click();
  await page.getByRole("heading", { level: 1, name: "House espresso" }).waitFor();
});

test("the palette says what it could not search, and still finds the rest", async () => {
  const { page } = await visit();
  await page.route("**/api/v1/products?*", (route) =>
    route.fulfill({ status: 400, json: { error: { code: "BAD_REQUEST", message: "no", request_id: "req-1" } } }),
  );
  await enterWorkspace(page, founder);
  await ask(page, "sample");
  await page.getByRole("alert").filter({ hasText: "Could not be read: Products" }).waitFor();
  await page.getByRole("group", { name: "Locations" }).getByRole("menuitem").first().waitFor();
});

test("every key of the sheet does what it says", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await sheet.getByText("one key after the other").waitFor();
  const rows = await sheet
    .locator("section", { hasText: "one key after the other" })
    .locator("dl > div")
    .evaluateAll((all) =>
      all.map((row) => ({
        text: row.querySelector("dt")?.textContent ?? "",
        keys: [...row.querySelectorAll("kbd")].map((key) => key.textContent ?? ""),
      })),
    );
  expect(rows.length).toBeGreaterThan(5);
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  const dead: string[] = [];
  for (const { text, keys } of rows) {
    // From a page that none of them leads to.
    await page.goto(`${founder.home}/roles/matrix`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    for (const key of keys) await page.keyboard.press(key);
    await page
      .waitForURL((url) => url.pathname !== "/roles/matrix", { timeout: 5_000 })
      .catch(() => dead.push(`${keys.join(" ")} (${text})`));
  }
  expect(dead).toEqual([]);
}, 180_000);

test("who follows a link stands at the top of the page and at its title, and the window is called so", async () => {
  const { page } = await visit({ height: 500 });
  await enterWorkspace(page, founder);
  await page.getByRole("heading", { name: "Latest movements" }).scrollIntoViewIfNeeded();
  await page.getByRole("link", { name: "Locations", exact: true }).click();
  const heading = page.getByRole("heading", { level: 1, name: "Locations" });
  await heading.waitFor();
  await expect.poll(() => heading.evaluate((title) => document.activeElement === title)).toBe(true);
  expect(await page.title()).toBe("Locations · Nexus");
  expect(await page.locator("main").evaluate((main) => main.scrollTop)).toBe(0);
});

test("language and theme change where one is, without loading the page anew", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products/new");
  await page.getByRole("textbox", { name: "SKU" }).first().fill("HALF-TYPED");
  await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
  await ask(page, "العربية");
  await page.getByRole("menuitem", { name: /العربية/ }).click();
  await expect.poll(() => page.evaluate(() => document.documentElement.dir)).toBe("rtl");
  await ask(page, "داكن");
  await page.getByRole("menuitem", { name: /داكن/ }).click();
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
  await expect.poll(() => page.title()).toBe("منتج جديد · Nexus");
  expect(await page.evaluate(() => "isSamePage" in globalThis)).toBe(true);
  expect(await page.getByRole("textbox", { name: "رمز الصنف" }).first().inputValue()).toBe("HALF-TYPED");
});

test("keys mean the same on an Arabic keyboard", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await page.evaluate(() => {
    for (const [key, code] of [
      ["ل", "KeyG"],
      ["ح", "KeyP"],
    ] as const)
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true }));
  });
  await page.waitForURL((url) => url.pathname === "/products");
});

test("an answer that does not come is called slow, and no word is left when it has come", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder);
  let answer = () => undefined as undefined | Promise<void>;
  await page.route("**/api/v1/locations?*", (route) => {
    answer = () => route.continue();
  });
  await page.getByRole("link", { name: "Locations", exact: true }).click();
  const notice = page.getByText("The server is slow to answer");
  await notice.waitFor({ timeout: 12_000 });
  await answer();
  await page.unroute("**/api/v1/locations?*");
  await notice.waitFor({ state: "detached" });
});
