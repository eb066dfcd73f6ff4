/** The grid of the gallery: ten thousand rows, by wheel and by keyboard. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { paintedAfter, scrollThrough } from "./grids";

const visit = visitors();

async function openGrid(page: Page) {
  await page.goto("/gallery");
  const grid = page.getByRole("grid");
  await grid.getByRole("row").nth(5).waitFor();
  await grid.scrollIntoViewIfNeeded();
  return grid;
}

test("no row is blank while somebody scrolls through all of them", async () => {
  const { page } = await visit();
  const grid = await openGrid(page);
  const seen = await scrollThrough(grid);
  console.log(
    `grid: a step while scrolling takes ${seen.middle} ms in the middle, ${seen.longest} ms at most; ${seen.late} steps a frame late`,
  );
  expect(seen.blank).toEqual([]);
  expect(seen.height).toBeGreaterThan(400_000);
  await page.getByText("SKU-09999").waitFor();
});

test("ten thousand rows are painted in another order within 300 ms", async () => {
  const { page } = await visit();
  const grid = await openGrid(page);
  const header = grid.getByRole("columnheader", { name: "SKU" }).getByRole("button");
  await header.click();
  const took = await paintedAfter(page, () => header.click());
  console.log(`grid: sorted rows painted ${Math.round(took)} ms after the press (at most 300)`);
  expect(took).toBeLessThanOrEqual(300);
});

test("the keyboard walks, selects, sorts and changes a width, and one Tab goes past", async () => {
  const { page } = await visit();
  const grid = await openGrid(page);
  await grid.getByRole("gridcell").first().focus();
  for (const key of ["ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight"]) await page.keyboard.press(key);
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.cell);
  await expect.poll(focused).toBe("2:2");
  await page.keyboard.press(" ");
  await page.getByText("1 row selected").waitFor();
  await page.keyboard.press("Control+End");
  await expect.poll(async () => Number((await focused())?.split(":")[0])).toBeGreaterThan(100);
  await page.keyboard.press("Control+Home");
  await expect.poll(focused).toBe("0:0");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowUp");
  await expect.poll(focused).toBe("-1:1");
  const width = () => grid.getByRole("columnheader", { name: "Name" }).evaluate((header) => header.clientWidth);
  const before = await width();
  await page.keyboard.press("Shift+ArrowLeft");
  await expect.poll(width).toBeLessThan(before);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect.poll(() => grid.getByRole("columnheader", { name: "SKU" }).getAttribute("aria-sort")).toBe("ascending");
});

test("a search that finds nothing says so, and takes itself back", async () => {
  const { page } = await visit();
  await openGrid(page);
  await page.keyboard.press("/");
  await page.getByRole("searchbox", { name: "Search products" }).fill("no such thing");
  await page.getByRole("grid").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Clear search and filters" }).last().click();
  await page.getByText("10,000 rows", { exact: true }).waitFor();
});
