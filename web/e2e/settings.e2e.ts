/** The organization's settings, its keys and its log. */
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { call, enterWorkspace, type Founder, found, prove } from "./people";

const visit = visitors();

/** Changes settings as somebody else would, by the API. */
async function change({ token, slug }: Founder, body: Record<string, string>) {
  const { version } = await call<{ version: number }>("GET", "/settings", { token, slug });
  await call("PATCH", "/settings", { body, headers: { "If-Match": `"${version}"` }, token, slug });
}

test("settings that somebody else has changed meanwhile are shown, and the person decides", async () => {
  const founder = await found("settings");
  const { token, slug } = founder;
  const { page } = await visit();
  await enterWorkspace(page, founder, "/organization");
  const currency = page.getByRole("combobox", { name: "Currency" });
  await currency.fill("swiss");
  await page.getByRole("option", { name: /CHF/ }).click();
  await change(founder, { time_zone: "Europe/Vienna", currency: "USD" });
  await page.getByRole("button", { name: "Save" }).last().click();
  await page.getByText("Somebody else changed this meanwhile").waitFor();
  await page
    .getByRole("row", { name: /Currency/ })
    .getByText("USD · US Dollar")
    .waitFor();
  await page.getByRole("button", { name: "Save mine" }).click();
  await page.getByText("Saved", { exact: true }).waitFor();
  const after = await call<{ currency: string; time_zone: string }>("GET", "/settings", { token, slug });
  expect(after).toMatchObject({ currency: "CHF", time_zone: "Europe/Vienna" });
  expect(await page.getByRole("combobox", { name: "Time zone" }).inputValue()).toBe("Europe/Vienna");
});

test("an owner renames the organization", async () => {
  const founder = await found("renamed");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/organization");
  await page.getByLabel("Name").fill("Acme & Daughters");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.reload();
  expect(await page.getByLabel("Name").inputValue()).toBe("Acme & Daughters");
});

test("a key is shown once, opens what it may, and nothing once it is revoked", async () => {
  const founder = await found("keys");
  await prove(founder);
  const { page } = await visit();
  await enterWorkspace(page, founder, "/api-keys");
  await page.getByText("No API keys yet").waitFor();
  await page.getByRole("button", { name: "New key" }).first().click();
  const drawer = page.getByRole("dialog", { name: "New key" });
  await drawer.getByLabel("Name").fill("Web shop");
  await drawer.getByRole("button", { name: "Create key" }).click();
  await drawer.getByText("At least 1 entry").waitFor();
  await drawer.getByRole("checkbox", { name: "See products, variants and tags" }).check();
  await drawer.getByRole("button", { name: "Create key" }).click();
  const shown = page.getByRole("dialog", { name: "The key is created" });
  const key = (await shown.getByText(/^nxk_/).textContent()) ?? "";
  await page.keyboard.press("Escape");
  await shown.getByRole("button", { name: "I have kept it" }).click();
  await shown.waitFor({ state: "detached" });
  expect(await page.getByText(key).count()).toBe(0);
  await call("GET", "/products", { token: key, slug: founder.slug });
  await expect(call("GET", "/users", { token: key, slug: founder.slug })).rejects.toThrow("403");

  await page.getByRole("row", { name: /Web shop/ }).click();
  await page.getByRole("button", { name: "Revoke" }).click();
  const confirm = page.getByRole("alertdialog", { name: "Revoke Web shop?" });
  expect(await confirm.getByRole("button", { name: "Revoke" }).isDisabled()).toBe(true);
  await confirm.getByRole("textbox").fill("web shop");
  await confirm.getByRole("button", { name: "Revoke" }).click();
  await page.getByText("Web shop is revoked").waitFor();
  await page
    .getByRole("row", { name: /Web shop/ })
    .getByText("Revoked")
    .waitFor();
  await expect(call("GET", "/products", { token: key, slug: founder.slug })).rejects.toThrow("401");
});

test("the log tells who changed what, from what, to what, and in which request", async () => {
  const founder = await found("audit");
  await change(founder, { currency: "CHF" });
  const { page } = await visit();
  await enterWorkspace(page, founder, "/audit-logs");
  await page.getByRole("row", { name: /Settings changed/ }).click();
  const entry = page.getByRole("dialog", { name: "Settings changed" });
  await entry.getByRole("row", { name: "Currency EUR CHF" }).waitFor();
  await entry.getByRole("link", { name: "Everything of this request" }).click();
  await entry.waitFor({ state: "detached" });
  await page.getByText("1 row", { exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get("request_id")).toBeTruthy();
  await page.getByRole("button", { name: "Clear search" }).click();
  await page.getByRole("button", { name: "Action", exact: true }).first().click();
  await page.getByRole("option", { name: "Product created" }).click();
  await page.keyboard.press("Escape");
  await page.getByText("Nothing matches").waitFor();
});
