/** From an invitation's mail into the workspace: somebody new, somebody who has an account, and somebody logged in to it. */
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { enterWorkspace, found, invite, PASSWORD, unique } from "./people";

const visit = visitors();

test("somebody new follows the link, gives a name and a password, and stands in the workspace with the role", async () => {
  const founder = await found("invites");
  const email = `${unique("grace")}@example.com`;
  const link = await invite(founder, email, "viewer");
  const { page } = await visit();
  await page.goto(link);
  await page.getByRole("heading", { name: `Join ${founder.organization}` }).waitFor();
  await page.getByText(email).waitFor();
  expect(new URL(page.url()).hash, "the token is gone from the address").toBe("");
  await page.getByLabel("Your name").fill("Grace Hopper");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Accept and open the workspace" }).click();
  await page.waitForURL((url) => url.origin === founder.home && url.pathname === "/");
  await page.locator("h1").first().waitFor();
  await page.getByRole("button", { name: "Your account" }).click();
  await page.getByText(email).first().waitFor();

  const again = await visit();
  await again.page.goto(link);
  await again.page.getByText("This invitation is no longer valid").waitFor();
});

test("somebody with an account gives its password, and then belongs to both organizations", async () => {
  const [own, other] = [await found("own"), await found("other")];
  const link = await invite(other, own.email, "manager");
  const { page } = await visit();
  await page.goto(link);
  await page.getByText("You have an account with this address").waitFor();
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Accept and open the workspace" }).click();
  await page.waitForURL((url) => url.origin === other.home && url.pathname === "/");
  await page.locator("h1").first().waitFor();
  await page.goto("/organizations");
  await page.getByRole("button", { name: own.organization }).waitFor();
  await page.getByRole("button", { name: other.organization }).click();
  await page.waitForURL((url) => url.origin === other.home);
});

test("somebody who is logged in accepts with one press, without a password", async () => {
  const [own, other] = [await found("in"), await found("host")];
  const link = await invite(other, own.email, "manager");
  const { page } = await visit();
  await enterWorkspace(page, own);
  await page.goto(link);
  await page.getByRole("heading", { name: `Join ${other.organization}` }).waitFor();
  await page.getByRole("textbox", { name: "Password" }).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Accept and open the workspace" }).click();
  await page.waitForURL((url) => url.origin === other.home && url.pathname === "/");
  await page.locator("h1").first().waitFor();
});
