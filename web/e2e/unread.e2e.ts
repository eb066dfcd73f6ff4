/** Choices that could not be read say so, instead of looking as if there were none, and are read again when asked. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { enterPlatform } from "./operators";
import { call, enterWorkspace, found } from "./people";

const visit = visitors();
const refuse = (page: Page, path: string) =>
  page.route(path, (route) =>
    route.fulfill({ status: 400, json: { error: { code: "BAD_REQUEST", message: "no", request_id: "req-1" } } }),
  );

test("saved views", async () => {
  const founder = await found("views");
  await call("POST", "/saved-views", {
    token: founder.token,
    slug: founder.slug,
    headers: { "Idempotency-Key": founder.slug },
    body: { resource: "products", name: "Drafts alone", query: { status: "draft" } },
  });
  const { page } = await visit();
  await refuse(page, "**/api/v1/saved-views?*");
  await enterWorkspace(page, founder, "/products");
  await page.getByRole("button", { name: "Views", exact: true }).click();
  const again = page.getByRole("menuitem", { name: "Views: not read, try again" });
  await again.waitFor();
  expect(await page.getByRole("menuitem", { name: "Drafts alone" }).count()).toBe(0);
  await again.click();
  await page.getByRole("alertdialog").getByText("BAD_REQUEST").waitFor();
  await page.unroute("**/api/v1/saved-views?*");
  await page.getByRole("button", { name: "Views", exact: true }).click();
  await Promise.all([page.waitForResponse(/saved-views/), again.click()]);
  await page.getByRole("button", { name: "Views", exact: true }).click();
  await page.getByRole("menuitem", { name: "Drafts alone" }).click();
  await page.waitForURL(/status=draft/);
});

test("the plans that tenants are filtered by", async () => {
  const { page } = await visit();
  await refuse(page, "**/api/v1/admin/plans");
  await enterPlatform(page, undefined, "/operator/tenants");
  const again = page.getByRole("button", { name: "Plan: not read, try again" });
  await again.waitFor();
  await page.unroute("**/api/v1/admin/plans");
  await again.click();
  await page.getByRole("button", { name: "Plan", exact: true, expanded: false }).click();
  await page.getByRole("dialog", { name: "Plan" }).getByRole("option").first().waitFor();
});

test("the commands of the palette", async () => {
  const founder = await found("commands");
  const { page, expected } = await visit();
  expected.push("Failed to load resource", "Failed to fetch dynamically imported module");
  await enterWorkspace(page, founder);
  await page.route("**/assets/commands-*.js", (route) => route.abort());
  await page.keyboard.press("Control+k");
  const alert = page.getByRole("dialog").getByRole("alert");
  await alert.filter({ hasText: "Could not be read: Commands" }).waitFor();
  await page.unroute("**/assets/commands-*.js");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("menuitem", { name: "Go to the products" }).waitFor();
  await alert.waitFor({ state: "detached" });
});
