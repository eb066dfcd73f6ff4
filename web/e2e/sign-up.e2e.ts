/** From nothing to a workspace, and back in. */
import { expect, test } from "vitest";
import { shown, visitors } from "./browser";
import { enterWorkspace, found, mailTo, PASSWORD, unique } from "./people";

const visit = visitors();

test("a newcomer founds an organization, watches it being built, and stands in its workspace within three seconds", async () => {
  const { page } = await visit();
  const slug = unique("newcomer");
  await page.goto("/");
  await page.waitForURL("**/log-in");
  await page.getByRole("link", { name: "Create an organization" }).click();
  await page.getByLabel("Organization").fill(slug);
  await expect.poll(() => page.getByRole("textbox", { name: "Address", exact: true }).inputValue()).toBe(slug);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  const begun = Date.now();
  const watched = shown(page, "li", "Database of your own");
  await page.getByRole("button", { name: "Create organization" }).click();
  await watched;
  await shown(page, "h1", "Start");
  const took = Date.now() - begun;
  console.log(`from "Create organization" to the workspace: ${took} ms`);
  expect(new URL(page.url()).hostname).toBe(`${slug}.localhost`);
  expect(new URL(page.url()).hash, "the code is gone from the address").toBe("");
  expect(took).toBeLessThan(3_000);
});

test("a taken address is said at its field, with one that may be free", async () => {
  const taken = await found("taken");
  const { page } = await visit();
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill("Another");
  await page.getByRole("textbox", { name: "Address", exact: true }).fill(taken.slug);
  await page.getByLabel("Your name").fill("Grace Hopper");
  await page.getByLabel("E-mail address").fill(`${unique("grace")}@example.com`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByText("Another organization has this address").waitFor();
  await page.getByRole("button", { name: `Take ${taken.slug}-2 instead` }).click();
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
});

test("a wrong password is refused without a word about the address, and the right one leads to the page asked for", async () => {
  const founder = await found("login");
  const { page } = await visit();
  await page.goto(`${founder.home}/?from=a-link`);
  await page.waitForURL((url) => url.pathname === "/log-in" && url.searchParams.get("organization") === founder.slug);
  await page.getByLabel("E-mail address").fill(founder.email);
  await page.getByRole("textbox", { name: "Password" }).fill("not the password");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("E-mail address or password is wrong").waitFor();
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("textbox", { name: "Password" }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  expect(page.url()).toBe(`${founder.home}/?from=a-link`);
});

test("logging out ends it in every tab, and the back button brings nothing back", async () => {
  const founder = await found("logout");
  const { page, context } = await visit();
  await enterWorkspace(page, founder);
  const other = await context.newPage();
  await other.goto(founder.home);
  await other.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await page.waitForURL("**/log-in");
  await other.reload();
  await other.waitForURL((url) => url.pathname === "/log-in");
  await page.goBack().catch(() => undefined);
  await page.waitForURL((url) => url.pathname === "/log-in");
});

test("a forgotten password is set anew by the link in a mail", async () => {
  const founder = await found("forgot");
  const { page } = await visit();
  await page.goto("/log-in");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.getByLabel("E-mail address").fill(founder.email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByText(`If ${founder.email} has an account here`).waitFor();
  const [link] = /http\S+\/reset-password#token=\S+/.exec(await mailTo(founder.email, "/reset-password#")) ?? [];
  await page.goto(link ?? "");
  await page.getByRole("textbox", { name: "New password" }).fill("an even better horse staple");
  expect(new URL(page.url()).hash, "the token is gone from the address").toBe("");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("Your password is changed").waitFor();
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByLabel("E-mail address").fill(founder.email);
  await page.getByRole("textbox", { name: "Password" }).fill("an even better horse staple");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
});

test("an address is confirmed by the link in a mail, and only when somebody says so", async () => {
  const founder = await found("verify");
  const { page } = await visit();
  const [link] = /http\S+\/verify-email#token=\S+/.exec(await mailTo(founder.email, "/verify-email#")) ?? [];
  await page.goto(link ?? "");
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByText("Your address is confirmed.").waitFor();
});
