/** The start of the workspace: first steps, sample data, panels that stand alone. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { call, enterWorkspace, type Founder, found, joinWith, undo } from "./people";

const visit = visitors();
const figure = (page: Page, label: string) =>
  page
    .locator("dl")
    .filter({ has: page.getByText(label, { exact: true }) })
    .locator("dd")
    .first();
const panel = (page: Page, title: string) =>
  page.locator("section").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

async function loadSampleData(founder: Founder) {
  await call("POST", "/sample-data", {
    token: founder.token,
    slug: founder.slug,
    headers: { "Idempotency-Key": founder.slug },
  });
}

test("sample data come by one press, fill the start, and go by one press that can be taken back", async () => {
  const founder = await found("sample");
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await page.getByText("Nothing moved in this time").waitFor();
  await page.getByText("No stock yet").waitFor();
  await page.getByText("No movements yet").waitFor();
  await page.getByRole("button", { name: "Load sample data" }).click();
  await page.getByText("24 products with stock and movements").waitFor();
  await expect.poll(() => figure(page, "Products").textContent()).toBe("24");
  await expect.poll(() => figure(page, "Running low").textContent()).toBe("4");
  await panel(page, "Latest movements").getByText("SAMPLE-").first().waitFor();
  await page.getByRole("progressbar", { name: "Steps done" }).and(page.locator("[aria-valuenow='1']")).waitFor();
  await page.getByRole("button", { name: "Remove sample data" }).click();
  await expect.poll(() => figure(page, "Products").textContent()).toBe("0");
  await undo(page, "Sample data removed");
  await page.getByText("24 products with stock and movements").waitFor();
});

test("the first steps are put away for everybody, and come back when that was a mistake", async () => {
  const founder = await found("steps");
  const { page } = await visit();
  await enterWorkspace(page, founder);
  const steps = page.getByRole("region", { name: "First steps" });
  await steps.getByText("0 of 4").waitFor();
  await steps.getByRole("button", { name: "Put away" }).click();
  await steps.waitFor({ state: "detached" });
  await undo(page, "First steps put away");
  await steps.getByText("0 of 4").waitFor();
});

test("a panel that can't be read says so alone, and is tried again alone", async () => {
  const founder = await found("panels");
  await loadSampleData(founder);
  const { page } = await visit();
  await page.route("**/api/v1/stock-movements?*", (route) =>
    route.fulfill({ status: 500, json: { error: { code: "INTERNAL_ERROR", message: "no", request_id: "req-1" } } }),
  );
  await enterWorkspace(page, founder);
  await panel(page, "Latest movements").getByText("INTERNAL_ERROR · req-1").waitFor();
  await panel(page, "Running low").getByText("Hand grinder").waitFor();
  await page.unroute("**/api/v1/stock-movements?*");
  await panel(page, "Latest movements").getByRole("button", { name: "Try again" }).click();
  await panel(page, "Latest movements").getByText("SAMPLE-").first().waitFor();
});

test("the movements are a table as well, for as many days as are asked for", async () => {
  const founder = await found("table");
  await loadSampleData(founder);
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await page.getByText("Table", { exact: true }).click();
  const rows = page.getByRole("table", { name: /in the last/ }).getByRole("row");
  await expect.poll(() => rows.count()).toBe(31);
  await page.getByText("7 days", { exact: true }).click();
  await expect.poll(() => rows.count()).toBe(8);
});

test("who may see products only is shown nothing of stock, steps or sample data", async () => {
  const founder = await found("limited");
  await loadSampleData(founder);
  const limited = await joinWith(founder, ["products.read"]);
  const { page } = await visit();
  const asked: string[] = [];
  page.on("response", (response) => {
    if (response.status() === 403) asked.push(response.url());
  });
  await enterWorkspace(page, limited);
  await expect.poll(() => figure(page, "Products").textContent()).toBe("24");
  expect(await page.getByRole("heading").allTextContents()).not.toContain("Running low");
  expect(await page.getByRole("region", { name: "First steps" }).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Remove sample data" }).count()).toBe(0);
  expect(asked, "nothing is asked for that is refused").toEqual([]);
});
