/**
 * The pictures of the README: `pnpm pictures` makes the main screens, light and dark, from a program with sample data, into
 * `docs/images`. Colours are reduced to a palette, so that each
 * picture stays small; the fonts and the window are the same everywhere.
 */
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { settled } from "./axe";
import { type Look, visitors } from "./browser";
import { call, enterWorkspace, type Founder, found, prove, unique } from "./people";
import { indexed } from "./png";

const FOLDER = fileURLToPath(new URL("../../docs/images", import.meta.url));
const MOST_BYTES = 150_000;
const WINDOW = { width: 1280, height: 800 };
const LOOKS: Record<string, Look> = { light: { ...WINDOW, theme: "light" }, dark: { ...WINDOW, theme: "dark" } };

const visit = visitors();
let founder: Founder;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  founder = await found("harbour", { slug: "harbour", plan: "team", organization: "Harbour Coffee" });
  await prove(founder);
  // A workspace at work, not one at its beginning.
  await call("PATCH", "/onboarding", { ...founder, body: { dismissed: true } });
  const headers = { "Idempotency-Key": founder.slug };
  await call("POST", "/sample-data", { token: founder.token, slug: founder.slug, headers });
});

describe.each(Object.entries(LOOKS))("%s", (theme, look) => {
  async function take(page: Page, name: string, isSettled: Promise<unknown> = settled(page)) {
    await isSettled;
    // Nothing that blinks, and no mark of where somebody came from.
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.mouse.move(0, 0);
    const file = `${FOLDER}/${name}-${theme}.png`;
    writeFileSync(file, indexed(await page.screenshot({ animations: "disabled", caret: "hide" })));
    expect(statSync(file).size, file).toBeLessThanOrEqual(MOST_BYTES);
  }

  test("log-in", async () => {
    const { page } = await visit(look);
    await page.goto("/log-in");
    await page.getByLabel("E-mail address").fill("ada@harbour.example");
    await take(page, "log-in");
  });

  test("sign-up", async () => {
    const { page } = await visit(look);
    await page.goto("/sign-up");
    await page.getByLabel("Organization").fill("Harbour Coffee");
    await page.getByLabel("Your name").fill("Ada Lovelace");
    const slug = unique("harbour");
    await page.getByRole("textbox", { name: "Address", exact: true }).fill(slug);
    await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
    await page.getByRole("textbox", { name: "Password" }).fill("correct horse battery staple");
    await standStill(page);
    await page.getByRole("button", { name: "Create organization" }).click();
    await page.getByText("Database of your own").waitFor();
    // It waits for what never comes: no silence of the network to wait for.
    await take(page, "sign-up", page.waitForTimeout(500));
  });

  test("dashboard", async () => {
    const { page } = await visit(look);
    await enterWorkspace(page, founder);
    await take(page, "dashboard");
  });

  test("products", async () => {
    const { page } = await visit(look);
    await enterWorkspace(page, founder, "/products");
    await page.getByRole("grid").getByRole("row").nth(5).waitFor();
    await take(page, "products");
  });

  test("product", async () => {
    const [product] = await call<{ id: string }[]>("GET", "/products?q=House%20espresso&limit=1", founder);
    const { page } = await visit(look);
    await enterWorkspace(page, founder, `/products/${product?.id}`);
    await take(page, "product");
  });

  test("import", async () => {
    const { page } = await visit(look);
    await enterWorkspace(page, founder, "/imports/products");
    const csv = ["sku,name,status,price", "TEA-100,Green tea,active,4.90", "TEA-250,Green tea large,active,9.80"];
    const file = { name: "products.csv", mimeType: "text/csv", buffer: Buffer.from(csv.join("\n")) };
    await page.locator('input[type="file"]').setInputFiles(file);
    await page.getByText("products.csv").first().waitFor();
    await take(page, "import");
  });

  test("roles", async () => {
    const { page } = await visit(look);
    await enterWorkspace(page, founder, "/roles/matrix");
    await page.getByRole("grid").getByRole("row").nth(5).waitFor();
    await take(page, "roles");
  });

  test("tenants", async () => {
    const operator = inject("operator");
    const { page } = await visit(look);
    await page.goto("/operator/log-in?next=/operator/tenants");
    await page.getByLabel("E-mail address").fill(operator.email);
    await page.getByRole("textbox", { name: "Password" }).fill(operator.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL((url) => url.pathname === "/operator/tenants");
    await page.getByRole("grid").getByRole("row").nth(1).waitFor();
    await take(page, "tenants");
  });
});

/** Holds the steps of a sign-up in their middle: what is done in a second can't be looked at. */
async function standStill(page: Page) {
  await page.route("**/api/v1/signup", async (route) => {
    const response = await route.fetch();
    const { data } = (await response.json()) as { data: { operation: { state: string; steps: { state: string }[] } } };
    data.operation.state = "running";
    for (const [at, step] of data.operation.steps.entries())
      step.state = at < 3 ? "succeeded" : at === 3 ? "running" : "pending";
    await route.fulfill({ response, json: { data } });
  });
  // What comes after is waited for, and never comes.
  await page.route("**/api/v1/operations/**", () => undefined);
}
