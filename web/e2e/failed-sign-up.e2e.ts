/**
 * A step of a sign-up that fails for good, by a point that debug builds have (`NEXUS_FAILPOINT`): it is said which, all is
 * taken back, and trying again founds the same organization.
 */
import { afterAll, beforeAll, test } from "vitest";
import { visitors } from "./browser";
import { PASSWORD, unique } from "./people";
import { type Program, start } from "./stack";

const visit = visitors();
let program: Program;

beforeAll(async () => {
  program = await start({ NEXUS_FAILPOINT: "seed.before:refuse", NEXUS__PROVISIONING__WARM_POOL__SIZE: "0" });
});
afterAll(() => program?.stop());

test("a sign-up that fails says at which step, and can be tried again without typing anything anew", async () => {
  const { page } = await visit({}, { baseURL: program.url });
  const slug = unique("fails");
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill(slug);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.getByRole("heading", { name: "It could not be built" }).waitFor();
  await page.getByRole("listitem").filter({ hasText: "First settings" }).getByText("refused").waitFor();
  await page
    .getByRole("listitem")
    .filter({ hasText: "Database of your own" })
    .getByText("taken back")
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForURL((url) => url.hostname === `${slug}.localhost` && url.pathname === "/");
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
});
