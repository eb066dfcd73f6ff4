/** What people call their things is text, wherever it is shown and in every file: markup, formulas, turned letters, pictures. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { visitors } from "./browser";
import { enterWorkspace, type Founder, found } from "./people";
import { as, importFile, makeProduct, receive } from "./stock";

const NAMES = [
  `<img src=x onerror="window.taken=1"> <b>bold</b>`,
  `<script>window.taken=1</script>`,
  "=1+1",
  `@SUM(A1:A9)`,
  `=HYPERLINK("https://evil.example","Click")`,
  "Invoice قهوة (1) طازجة",
  "👩🏽‍🚀 Café ☕️ ﷽",
];

const visit = visitors();
let founder: Founder;
let first: string;

beforeAll(async () => {
  founder = await found("harmless");
  for (const [index, name] of NAMES.entries()) {
    const sku = index === 3 ? "@SUM-3" : `ODD-${index}`;
    const product = await makeProduct(founder, name, sku, {
      description: name,
      brand: name.slice(0, 100),
      tags: [`tag ${name}`.slice(0, 60)],
    });
    await receive(founder, sku, "5");
    first ??= product.id;
  }
  await as(founder)("POST", "/categories", { name: NAMES[0], description: NAMES[1] });
});

async function expectHarmless(page: Page, ...names: (string | undefined)[]) {
  for (const name of names)
    await page
      .getByText(name ?? "", { exact: false })
      .first()
      .waitFor();
  const found = await page.evaluate(() => ({
    taken: (globalThis as { taken?: number }).taken,
    injected: document.querySelectorAll("main b, main img[src=x], main script").length,
    // Whatever turns letters must not reach beyond its own element.
    loose: [...document.querySelectorAll("body *")].filter(
      (one) =>
        [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.includes("\u202e")) &&
        !(one instanceof HTMLOptionElement || one instanceof HTMLTextAreaElement) &&
        !/plaintext|isolate/.test(getComputedStyle(one).unicodeBidi),
    ).length,
  }));
  expect(found).toEqual({ taken: undefined, injected: 0, loose: 0 });
}

test("names are shown as they are, in lists, on pages, in the palette and in notices", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products");
  await expectHarmless(page, ...NAMES);
  await page.goto(`${founder.home}/inventory`);
  await expectHarmless(page, ...NAMES);
  await page.goto(`${founder.home}/stock-movements`);
  await expectHarmless(page, ...NAMES);
  await page.goto(`${founder.home}/categories`);
  await expectHarmless(page, NAMES[0]);
  await page.goto(`${founder.home}/tags`);
  await expectHarmless(page, NAMES[0]);
  await page.goto(`${founder.home}/products/${first}`);
  await page.getByRole("heading", { level: 1, name: NAMES[0] }).waitFor();
  await expectHarmless(page, NAMES[0]);
  await page.goto(`${founder.home}/products/${first}/changes`);
  await expectHarmless(page, NAMES[0]);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("searchbox").fill("Invoice");
  await page.getByRole("menuitem", { name: /Invoice/ }).click();
  await page.getByRole("heading", { level: 1, name: /Invoice/ }).waitFor();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Brand").fill("Another");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/“Invoice .*” saved/).waitFor();
  await expectHarmless(page);
});

test("letters that turn others around are refused, at the field and in a file", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products/new");
  await page.getByLabel("Name").first().fill("Invoice \u202egnp.exe");
  await page.getByLabel("SKU").fill("TURNED-1");
  await page.getByRole("button", { name: "Create product" }).click();
  await page.getByText("must not contain control characters or invisible ones").waitFor();
  expect(await page.getByLabel("Name").first().getAttribute("aria-invalid")).toBe("true");
  const { errors_url, state } = await importFile(founder, "products", "sku,name\nTURNED-2,a\u202eb\n");
  expect(state).toBe("failed");
  expect(errors_url).toBeTruthy();
});

test("an exported file holds no formula, and brings the same names back", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products");
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByText("The export is being made").waitFor();
  await page.getByRole("button", { name: "Show" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the file" }).click(),
  ]);
  const text = readFileSync(await file.path(), "utf8");
  const cells = text
    .split(/\r?\n/)
    .flatMap((line) => line.split(","))
    .map((cell) => cell.replace(/^"/, ""));
  expect(cells.filter((cell) => /^[=@+\t\r]/.test(cell))).toEqual([]);
  for (const name of ["'=1+1", "'@SUM(A1:A9)", "'@SUM-3"]) expect(text).toContain(name);
  expect(text).toContain("👩🏽‍🚀 Café ☕️ ﷽");

  await page.goto(`${founder.home}/imports/products`);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "again.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.getByText("What would come of it").waitFor();
  await expect.poll(() => page.getByText("unchanged", { exact: true }).count()).toBe(NAMES.length);
  await expectHarmless(page);
});
