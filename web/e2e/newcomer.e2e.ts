/**
 * A newcomer, from an empty form to stock that has moved: how long it takes, and how often something is filled in or pressed.
 * Nothing is known beforehand but what the screens offer.
 */
import { performance } from "node:perf_hooks";
import type { Locator } from "playwright-core";
import { expect, test } from "vitest";
import { nav, shown, visitors } from "./browser";
import { call, PASSWORD, unique } from "./people";

const MOST_INTERACTIONS = 12;
const MOST_SECONDS = 60;
const WORKSPACE_SECONDS = 3;

const visit = visitors();

test("a newcomer moves stock within a minute and a dozen interactions", async () => {
  const { page } = await visit();
  const slug = unique("first");
  const email = `${slug}@example.com`;
  let interactions = 0;
  const fill = async (field: Locator, value: string) => {
    interactions += 1;
    await field.fill(value);
  };
  const press = async (control: Locator) => {
    interactions += 1;
    await control.click();
  };

  await page.goto("/sign-up");
  await page.getByLabel("Organization").waitFor();
  const begun = performance.now();
  await fill(page.getByLabel("Organization"), slug);
  await fill(page.getByLabel("Your name"), "Ada Lovelace");
  await fill(page.getByLabel("E-mail address"), email);
  await fill(page.getByRole("textbox", { name: "Password" }), PASSWORD);
  const sent = performance.now();
  await press(page.getByRole("button", { name: "Create organization" }));
  await shown(page, "h1", "Start");
  const entered = performance.now();

  const steps = page.getByRole("region", { name: "First steps" });
  await press(steps.getByRole("link", { name: "New product" }));
  await fill(page.getByRole("textbox", { name: "Name", exact: true }).first(), "Espresso beans");
  await fill(page.getByRole("textbox", { name: "SKU" }).first(), "BEAN-1KG");
  await press(page.getByRole("button", { name: "Create product" }));
  await press(page.getByRole("link", { name: "Receive" }));
  await fill(page.getByRole("textbox", { name: /^Quantity/ }).first(), "12");
  await press(page.getByRole("button", { name: "Receive" }));
  await page.getByText("1 line received").waitFor();
  const moved = performance.now();

  const seconds = (from: number, to: number) => (to - from) / 1000;
  console.log(
    `newcomer: workspace ${seconds(sent, entered).toFixed(2)} s after “Create organization” (at most ${WORKSPACE_SECONDS}); first stock movement after ${seconds(begun, moved).toFixed(1)} s (at most ${MOST_SECONDS}) and ${interactions} interactions (at most ${MOST_INTERACTIONS})`,
  );
  const { access_token: token } = await call<{ access_token: string }>("POST", "/auth/login", {
    body: { email, password: PASSWORD, organization: slug },
  });
  const [movement] = await call<{ sku: string; quantity: string }[]>("GET", "/stock-movements", { token, slug });
  expect(movement).toMatchObject({ sku: "BEAN-1KG", quantity: "12" });
  expect(seconds(sent, entered)).toBeLessThanOrEqual(WORKSPACE_SECONDS);
  expect(seconds(begun, moved)).toBeLessThanOrEqual(MOST_SECONDS);
  expect(interactions).toBeLessThanOrEqual(MOST_INTERACTIONS);

  await nav(page).getByRole("link", { name: "Start", exact: true }).click();
  await steps.getByRole("listitem").filter({ hasText: "First stock movement" }).getByText("done").waitFor();
});
