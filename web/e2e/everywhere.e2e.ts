/** What every page has around it: the palette, the keys, the title and the focus of who arrives, the network's notice. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { nav, visitors } from "./browser";
import { call, enterWorkspace, type Founder, found } from "./people";
import { as, makeProduct } from "./stock";

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
  await page.getByRole("dialog").getByRole("searchbox").fill(text);
}

test("the palette finds a product by its name, opens it by keyboard, and knows it afterwards", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await ask(page, "house esp");
  await page.getByRole("menuitem", { name: "House espresso" }).first().waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "House espresso" }).waitFor();
  await nav(page).getByRole("link", { name: "Start", exact: true }).click();
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
      .waitForURL((url) => url.pathname !== "/roles/matrix", { timeout: 15_000 })
      .catch(() => dead.push(`${keys.join(" ")} (${text})`));
  }
  expect(dead).toEqual([]);
}, 180_000);

test("who follows a link stands at the top of the page and at its title, and the window is called so", async () => {
  const { page } = await visit({ height: 500 });
  await enterWorkspace(page, founder);
  await page.getByRole("heading", { name: "Latest movements" }).scrollIntoViewIfNeeded();
  await nav(page).getByRole("link", { name: "Locations", exact: true }).click();
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
  await nav(page).getByRole("link", { name: "Locations", exact: true }).click();
  const notice = page.getByText("The server is slow to answer");
  await notice.waitFor({ timeout: 12_000 });
  await answer();
  await page.unroute("**/api/v1/locations?*");
  await notice.waitFor({ state: "detached" });
});

/** What has the focus, as it is called. */
const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);

test("who takes rows away by the keyboard goes on from there", async () => {
  const write = as(founder);
  for (const name of ["Atlas", "Borough", "Cedar"]) await write("POST", "/tags", { name: `Keys ${name}` });
  for (const name of ["Atlas", "Borough"]) await write("POST", "/categories", { name: `Keys ${name}` });
  for (const sku of ["KEYS-1", "KEYS-2"]) await makeProduct(founder, `Product ${sku}`, sku);
  const { page } = await visit();

  // A grid.
  await enterWorkspace(page, founder, "/tags?q=Keys");
  await page.getByRole("button", { name: "Delete tag Keys Borough" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Delete tag Keys Cedar");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Delete tag Keys Atlas");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Tags");

  // A tree, by a menu.
  await page.goto(`${founder.home}/categories`);
  await page.getByRole("button", { name: "More for Keys Atlas" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Delete" }).waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByText("Keys Atlas", { exact: true }).waitFor({ state: "detached" });
  await expect.poll(() => focused(page)).toBe("More for Keys Borough");

  // Lines of a form.
  await page.goto(`${founder.home}/inventory/receive`);
  const scan = page.getByRole("combobox", { name: /^Scan a barcode/ });
  for (const sku of ["KEYS-1", "KEYS-2"]) {
    await scan.focus();
    await page.keyboard.type(sku);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: `Remove Product ${sku}` }).waitFor();
  }
  await page.getByRole("button", { name: "Remove Product KEYS-1" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe("Remove Product KEYS-2");
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).toBe(await scan.getAttribute("aria-label"));
});

test("single keys do nothing once that is turned off, and the palette leads back to the switch", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  const turn = sheet.getByRole("switch", { name: "Single-key shortcuts" });
  await turn.focus();
  await page.keyboard.press(" ");
  await sheet.getByText("one key after the other").waitFor({ state: "detached" });
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.reload();
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  for (const key of ["g", "p", "/", "?"]) await page.keyboard.press(key);
  await ask(page, "keyboard short");
  expect(new URL(page.url()).pathname).toBe("/");
  expect(await sheet.count()).toBe(0);
  await page.getByRole("menuitem", { name: "Keyboard shortcuts" }).waitFor();
  await page.keyboard.press("Enter");
  await turn.focus();
  await page.keyboard.press(" ");
  await sheet.getByText("one key after the other").waitFor();
  await page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL((url) => url.pathname === "/products");
});

test("on a narrow screen rows are sorted by a menu, as by the header elsewhere", async () => {
  const { page } = await visit({ width: 360, height: 780 });
  await enterWorkspace(page, founder, "/products");
  const rows = page.getByRole("grid", { name: "Products" }).getByRole("row");
  const first = () => rows.nth(1).getByRole("link").textContent();
  await rows.nth(3).waitFor();
  const before = await first();
  await page.getByRole("button", { name: "Sort", exact: true }).focus();
  await page.keyboard.press("Enter");
  const menu = page.getByRole("dialog", { name: "Sort" });
  expect(await menu.getByRole("option", { name: "Name" }).getAttribute("aria-selected")).toBe("true");
  await menu.getByText("Descending").click();
  await page.waitForURL((url) => url.searchParams.get("sort") === "-name");
  await expect.poll(first).not.toBe(before);
  await menu.getByRole("option", { name: "Changed" }).click();
  await page.waitForURL((url) => url.searchParams.get("sort") === "-updated_at");
  await page.screenshot({ path: "e2e/out/sort-menu.png" });
  await page.keyboard.press("Escape");
  await menu.waitFor({ state: "detached" });
  await page.setViewportSize({ width: 1280, height: 780 });
  await page.getByRole("button", { name: "Columns" }).waitFor();
  expect(await page.getByRole("button", { name: "Sort", exact: true }).count()).toBe(0);
});
