/** Ten thousand products: sorted, filtered and searched by the server, kept in the URL, and under names. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { visitors } from "./browser";
import { enterWorkspace, type Founder, found } from "./people";
import { importFile } from "./stock";

const COUNT = 10_001;

const visit = visitors();
let founder: Founder;

beforeAll(async () => {
  founder = await found("many");
  const rows = Array.from({ length: COUNT }, (_, index) => {
    const number = String(index).padStart(5, "0");
    return `SKU-${number},Product ${number},Brand ${index % 7},${index % 3 === 0 ? "draft" : "active"},${index % 90}.50,EUR`;
  });
  const job = await importFile(founder, "products", ["sku,name,brand,status,price,currency", ...rows].join("\n"));
  expect(job.state).toBe("succeeded");
});

const grid = (page: Page) => page.getByRole("grid", { name: "Products" });

/** Milliseconds from the answer to the moment at which the row is drawn. */
async function paintedAfter(page: Page, path: RegExp, row: string, press: () => Promise<unknown>): Promise<number> {
  await page.evaluate((text) => {
    const state = globalThis as never as { painted?: number };
    state.painted = undefined;
    const look = () => {
      const first = document.querySelector('[role="grid"] [role="rowgroup"] [role="row"]');
      if (first?.textContent?.includes(text)) requestAnimationFrame(() => (state.painted = performance.now()));
      else requestAnimationFrame(look);
    };
    look();
  }, row);
  await press();
  await expect.poll(() => page.evaluate(() => (globalThis as never as { painted?: number }).painted)).toBeDefined();
  return page.evaluate((pattern) => {
    const answers = performance
      .getEntriesByType("resource")
      .filter(({ name }) => new RegExp(pattern).test(decodeURIComponent(name))) as PerformanceResourceTiming[];
    return ((globalThis as never as { painted: number }).painted ?? 0) - (answers.at(-1)?.responseEnd ?? 0);
  }, path.source);
}

test("sorted and filtered rows are there within 300 ms of the answer, and no row is blank while scrolling", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products");
  await grid(page).getByText("Product 00000").waitFor();
  await page.getByText(/^(about )?10,00[01] rows$/).waitFor();
  await page.evaluate(() => performance.setResourceTimingBufferSize(2_000));
  const sorted = await paintedAfter(page, /products\?.*sort=-name.*limit=200/, "Product 10000", async () => {
    await grid(page).getByRole("columnheader", { name: "Name" }).getByRole("button").first().click();
  });
  const filtered = await paintedAfter(page, /products\?.*q=Product.04711/, "Product 04711", async () => {
    await page.getByRole("searchbox", { name: "Search products" }).fill("Product 04711");
  });
  console.log(`painted after the answer: sorted ${Math.round(sorted)} ms, filtered ${Math.round(filtered)} ms`);
  expect(sorted).toBeLessThan(300);
  expect(filtered).toBeLessThan(300);
  await page.getByRole("searchbox", { name: "Search products" }).fill("");
  await grid(page).getByText("Product 10000").waitFor();
  const blank = await grid(page).evaluate(async (element) => {
    const frame = () => new Promise(requestAnimationFrame);
    const found: number[] = [];
    for (let step = 0; step < 300; step += 1) {
      element.scrollTop += 900;
      await frame();
      await frame();
      const box = element.getBoundingClientRect();
      const end = element.scrollTop + element.clientHeight >= element.scrollHeight - 1;
      for (let y = box.top + 60; y < box.bottom - 4 && !end; y += 44)
        if (!document.elementFromPoint(box.left + 200, y)?.closest('[role="row"]')) found.push(element.scrollTop);
      // The next part is read ahead of whoever scrolls.
      if (end) await new Promise((resolve) => setTimeout(resolve, 60));
    }
    return { found, top: element.scrollTop };
  });
  expect(blank.found).toEqual([]);
  expect(blank.top).toBeGreaterThan(100_000);
});

test("the state is in the URL: a link, a reload and the back button bring the same rows", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products?status=draft&sort=-name");
  await grid(page).getByText("Product 09999").waitFor();
  await page.getByRole("button", { name: "Status: Draft" }).waitFor();
  await page.getByRole("searchbox", { name: "Search products" }).fill("Brand 3");
  await expect.poll(() => new URL(page.url()).searchParams.get("q")).toBe("Brand 3");
  const first = async () => (await grid(page).getByRole("row").nth(1).textContent()) ?? "";
  await expect.poll(first).toContain("Brand 3");
  const shown = await first();
  await page.reload();
  await expect.poll(first).toBe(shown);
  await grid(page).getByRole("link").first().click();
  await page.getByRole("heading", { level: 1, name: /^Product \d+$/ }).waitFor();
  await page.goBack();
  await expect.poll(first).toBe(shown);
});

test("a view is kept under a name, found again, and taken away and back", async () => {
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products?status=draft");
  await grid(page).getByText("Product 00000").waitFor();
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Save this view" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Unfinished");
  await page.getByRole("button", { name: "Save view" }).click();
  await page.getByText("View “Unfinished” saved").waitFor();
  await page.goto(`${founder.home}/products`);
  await page.getByRole("button", { name: "Views" }).click();
  await page.getByRole("menuitem", { name: "Unfinished" }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get("status")).toBe("draft");
  await page.getByRole("button", { name: "Unfinished" }).click();
  await page.getByRole("menuitem", { name: "Your views" }).click();
  await page.getByRole("button", { name: "Delete view" }).click();
  await page.getByText("View “Unfinished” deleted").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("textbox", { name: "Name" }).waitFor();
});
