/** Sessions that end, networks that fail, and people who press twice. */
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { isFocused } from "./keys";
import { enterWorkspace, found, PASSWORD, unique } from "./people";
import { quiet } from "./quiet";

const visit = visitors();

test("a session that ends while somebody is at work is mended in another tab, and the page stays as it is", async () => {
  const founder = await found("expired");
  const { page, context } = await visit();
  await page.clock.install();
  await enterWorkspace(page, founder);
  await page.keyboard.press("Control+k");
  await page.getByRole("searchbox").fill("half a word");
  await context.clearCookies();
  // Coming back to the tab after a while reads anew, and finds that the session is over.
  await page.clock.fastForward("05:00");
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
  const dialog = page.getByRole("alertdialog", { name: "Your session has ended" });
  await dialog.getByText("Your session has ended").waitFor();
  const [tab] = await Promise.all([
    context.waitForEvent("page"),
    dialog.getByRole("link", { name: "Log in again" }).click(),
  ]);
  await tab.getByLabel("E-mail address").fill(founder.email);
  await tab.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await tab.getByRole("button", { name: "Log in" }).click();
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => tab.isClosed()).toBe(true);
  expect(await page.getByRole("searchbox").inputValue()).toBe("half a word");
  expect(page.url()).toBe(`${founder.home}/`);
});

test("an access cookie that ran out is renewed without anybody noticing, once for all tabs", async () => {
  const founder = await found("renewed");
  const { page, context } = await visit();
  await enterWorkspace(page, founder);
  const other = await context.newPage();
  await other.goto(founder.home);
  await other.locator("h1").first().waitFor();
  let renewals = 0;
  // The first renewal is held until the other tab has been refused as well.
  const refused = Promise.all([page, other].map((one) => one.waitForResponse((response) => response.status() === 401)));
  await context.route("**/session/refresh", async (route) => {
    renewals += 1;
    await refused;
    await route.continue();
  });
  await context.clearCookies({ name: "__Host-nexus-access" });
  await Promise.all([page.reload(), other.reload()]);
  await Promise.all([page, other].map((one) => one.getByRole("heading", { level: 1, name: "Start" }).waitFor()));
  await Promise.all([page, other].map(quiet));
  expect(renewals).toBe(1);
});

test("a network that fails is said, nothing typed is lost, and trying again does it once", async () => {
  const { page, context } = await visit();
  const slug = unique("offline");
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill(slug);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  const keys: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/signup")) keys.push(request.headers()["idempotency-key"] ?? "");
  });
  await context.setOffline(true);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByText("The server could not be reached").waitFor();
  await page.getByText("You are offline").waitFor();
  await context.setOffline(false);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  expect(new Set(keys).size, "one intention has one key").toBe(1);
});

test("pressing twice founds one organization", async () => {
  const { page } = await visit();
  const slug = unique("twice");
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill(slug);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  let sent = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/signup")) sent += 1;
  });
  await page.getByRole("button", { name: "Create organization" }).dblclick();
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  expect(sent).toBe(1);
});

test("everything can be done by keyboard alone, from log-in to the palette", async () => {
  const founder = await found("keys");
  const { page } = await visit();
  await page.goto("/log-in");
  await page.getByLabel("E-mail address").waitFor();
  await page.keyboard.type(founder.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("content");
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect.poll(() => sheet.evaluate((dialog) => dialog.contains(document.activeElement))).toBe(true);
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await expect.poll(() => isFocused(page.getByRole("searchbox"))).toBe(true);
  await page.keyboard.type("theme dark");
  await page.getByRole("menuitem", { name: "Theme: Dark" }).waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
});
