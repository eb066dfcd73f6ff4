/** Who may only look sees no control that would be refused, and is told so where an address leads to one. */
import { expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { nav, visitors } from "./browser";
import { enterWorkspace, found, joinWith } from "./people";
import { makeProduct, receive } from "./stock";

const visit = visitors();

test("who may only look at products and stock changes nothing, by button or by address", async () => {
  const founder = await found("limited");
  const product = await makeProduct(founder, "Green tea", "TEA-1", { tags: ["organic"] });
  await receive(founder, "TEA-1", "20");
  const member = await joinWith(founder, ["products.read", "inventory.read"]);
  const { page } = await visit();
  await enterWorkspace(page, member, "/products");
  await page.getByRole("link", { name: "Green tea" }).waitFor();
  for (const hidden of ["Categories", "Locations", "Imports and exports"])
    expect(await nav(page).getByRole("link", { name: hidden }).count(), hidden).toBe(0);
  for (const hidden of ["New product", "Import"])
    expect(await page.getByRole("link", { name: hidden, exact: true }).count(), hidden).toBe(0);
  await page.getByRole("link", { name: "Green tea" }).click();
  await page.getByText("20 in all").waitFor();
  for (const hidden of ["Edit", "More", "Add variant", "Receive stock"]) {
    const control = page.getByRole("button", { name: hidden, exact: true });
    expect(await control.or(page.getByRole("link", { name: hidden, exact: true })).count(), hidden).toBe(0);
  }
  expect(await page.getByRole("button", { name: /: correct$/ }).count()).toBe(0);
  expect(await page.getByRole("link", { name: "Changes" }).count()).toBe(0);
  await page.goto(`${founder.home}/stock-movements`);
  await page.getByRole("gridcell", { name: "Green tea" }).click();
  await page.getByRole("dialog").getByText("SUPPLIER").waitFor();
  expect(await page.getByRole("button", { name: "Reverse" }).count()).toBe(0);
  await page.goto(`${founder.home}/tags`);
  await page.getByRole("gridcell", { name: "organic" }).waitFor();
  expect(await page.getByRole("button", { name: /New tag|Delete tag/ }).count()).toBe(0);
  for (const path of [
    "/products/new",
    `/products/${product.id}/edit`,
    `/products/${product.id}/changes`,
    "/categories",
    "/locations",
    "/jobs",
    "/imports/products",
    "/imports/stock-movements",
    "/inventory/receive",
    "/inventory/issue",
    "/inventory/transfer",
    "/inventory/count",
  ]) {
    await page.goto(founder.home + path);
    await page.getByText("This page is not for you").waitFor();
    await expectAccessible(page, path);
  }
});
