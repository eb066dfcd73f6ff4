/** One's own account: on the apex, reached from the workspace. */
import { expect, inject, test } from "vitest";
import { nav, visitors } from "./browser";
import { enterWorkspace, found, logIn, PASSWORD, undo } from "./people";

const visit = visitors();
/** A picture of one pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

test("somebody changes name, language and picture, and goes back to where they came from", async () => {
  const founder = await found("account");
  const { page } = await visit();
  await enterWorkspace(page, founder);
  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByRole("menuitem", { name: "My account" }).click();
  await page.waitForURL((url) => url.origin === new URL(inject("url")).origin && url.pathname === "/account");
  await page
    .getByLabel("Choose a picture", { exact: true })
    .last()
    .setInputFiles({
      name: "me.png",
      mimeType: "image/png",
      buffer: Buffer.from(PIXEL, "base64"),
    });
  await page.getByText("Your picture is changed").waitFor();
  await page.getByRole("img", { name: "Picture" }).waitFor();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("img", { name: "Picture" }).waitFor({ state: "detached" });
  await undo(page, "Your picture is removed");
  await page.getByRole("img", { name: "Picture" }).waitFor();

  await page.getByLabel("Your name").fill("Augusta King");
  await page.getByRole("combobox", { name: "Language and region" }).fill("austria");
  // By keyboard: what a field offers goes away when the page is scrolled to reach it.
  await expect.poll(() => page.getByRole("option").count()).toBe(1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Mein Konto" }).waitFor();
  expect(await page.getByLabel("Ihr Name").inputValue()).toBe("Augusta King");
  await page.getByRole("link", { name: `Zurück zu ${founder.organization}` }).click();
  await page.waitForURL((url) => url.origin === founder.home);
});

test("a new password ends the other sessions, and a session is ended from afar", async () => {
  const founder = await found("password");
  const first = (await visit()).page;
  await enterWorkspace(first, founder);
  const { page } = await visit();
  await page.goto("/account/security");
  await page.waitForURL((url) => url.pathname === "/log-in");
  await page.getByLabel("E-mail address").fill(founder.email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => url.pathname === "/account/security");
  await page.getByText("Your previous log-in was on").waitFor();
  const log = () => page.getByRole("listitem").filter({ hasText: "Last used" });
  await expect.poll(() => log().count()).toBeGreaterThanOrEqual(3);
  const before = await log().count();
  await log()
    .filter({ hasText: founder.organization })
    .last()
    .getByRole("button", { name: /^End the session/ })
    .click();
  await expect.poll(() => log().count()).toBe(before - 1);

  const change = async (present: string, next: string) => {
    await page.getByRole("textbox", { name: "Present password" }).fill(present);
    await page.getByRole("textbox", { name: "New password" }).fill(next);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  const better = "a better horse battery staple";
  await change("not my password at all", better);
  await expect
    .poll(() => page.getByRole("textbox", { name: "Present password" }).getAttribute("aria-invalid"))
    .toBe("true");
  await change(PASSWORD, better);
  await page.getByText("Your password is changed").waitFor();
  await expect.poll(() => log().count()).toBe(1);
  await logIn(founder.email, founder.slug, better);
  await nav(first).getByRole("link", { name: "Settings", exact: true }).click();
  await first.getByText("Your session has ended").waitFor();
});

test("who ends sessions by the keyboard goes on from there", async () => {
  const founder = await found("ending");
  await logIn(founder.email, founder.slug);
  const { page } = await visit();
  await page.goto("/log-in?next=%2Faccount%2Fsecurity");
  await page.getByLabel("E-mail address").fill(founder.email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  const ends = page.getByRole("button", { name: /^End the session/ });
  await expect.poll(() => ends.count()).toBeGreaterThanOrEqual(2);
  const isAtOne = () => page.evaluate(() => /^End the session/.test(document.activeElement?.ariaLabel ?? ""));
  await ends.first().focus();
  for (let left = await ends.count(); left > 0; left -= 1) {
    expect(await isAtOne(), `${left} are left`).toBe(true);
    await page.keyboard.press("Enter");
    await expect.poll(() => ends.count()).toBe(left - 1);
  }
  await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
});
