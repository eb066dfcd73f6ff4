/**
 * Operators watch a set-up that fails for good (by a point that debug builds have, `NEXUS_FAILPOINT`), and try it again until
 * it is done; and nobody else gets near.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visitors } from "./browser";
import { isFocused, pressUntil } from "./keys";
import { enterPlatform, operatorToken } from "./operators";
import { call, enterWorkspace, found, PASSWORD, unique } from "./people";
import { type Program, start } from "./stack";

const visit = visitors();

describe("a set-up that fails", () => {
  let program: Program;
  beforeAll(async () => {
    // The first step that fails is given up at once, the second one waits for its next try.
    program = await start({
      NEXUS_FAILPOINT: "seed.before:refuse,bucket.before:refuse",
      NEXUS__PROVISIONING__WARM_POOL__SIZE: "0",
    });
  });
  afterAll(() => program?.stop());

  /** Somebody whose organization could not be built. */
  async function foundInVain(page: Page, slug: string) {
    await page.goto("/sign-up");
    await page.getByLabel("Organization").fill(slug);
    await page.getByLabel("Your name").fill("Ada Lovelace");
    await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create organization" }).click();
    await page.getByRole("heading", { name: "It could not be built" }).waitFor();
  }

  test("is seen by an operator, who retries it until it is done, live on the screen", async () => {
    const slug = unique("broken");
    const somebody = await visit({}, { baseURL: program.url });
    await foundInVain(somebody.page, slug);

    const { page } = await visit({}, { baseURL: program.url });
    await enterPlatform(page, program.operator);
    await page.getByRole("heading", { name: "Needs attention" }).waitFor();
    await page.getByRole("link", { name: "1 tenant is broken" }).click();
    await page.waitForURL(/state=broken/);
    await page.getByRole("link", { name: slug }).click();
    await page.getByRole("heading", { level: 1, name: slug }).waitFor();
    const steps = page.getByRole("list", { name: "Steps" }).getByRole("listitem");
    await steps.filter({ hasText: "Create the bucket" }).getByText("failed").waitFor();
    await steps.filter({ hasText: "Create the database" }).getByText("taken back").waitFor();

    // Tried again, it gets further and fails at a later step; tried once more, it is done. The page is never loaded anew.
    await page.evaluate(() => sessionStorage.setItem("same page", "1"));
    await page.getByRole("button", { name: "Retry" }).click();
    await steps.filter({ hasText: "Write the first settings" }).getByText("failed").waitFor();
    await page.getByRole("button", { name: "Retry" }).click();
    await steps.filter({ hasText: "Activate" }).getByText("done", { exact: true }).waitFor();
    await page.getByRole("main").getByText("8 of 8 steps done").waitFor();
    await page.getByText("Active", { exact: true }).first().waitFor();
    expect(await page.getByRole("button", { name: "Retry" }).count()).toBe(0);
    await page.getByText("Tried again", { exact: true }).first().waitFor();

    await page.getByRole("link", { name: "All of them" }).click();
    await page.getByRole("grid", { name: "Operations" }).waitFor();
    await expect.poll(() => page.getByRole("row").filter({ hasText: slug }).count()).toBe(3);
  });
});

describe("a tenant", () => {
  test("is found, suspended with a reason and taken back, by keyboard alone", async () => {
    const founder = await found("keyboard");
    const { page } = await visit();
    await enterPlatform(page);
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.getByRole("heading", { level: 1, name: "Tenants" }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type(founder.slug);
    await expect.poll(() => page.getByRole("grid").getByRole("row").count()).toBe(2);
    const focused = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.cell);
    await pressUntil(page, "Tab", async () => (await focused()) !== undefined);
    if ((await focused())?.startsWith("-1")) await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: founder.organization }).waitFor();
    const actions = page.getByRole("button", { name: "Actions" });
    await actions.waitFor();
    await pressUntil(page, "Tab", () => isFocused(actions));
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.type("Suspend");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Suspend" });
    await dialog.waitFor();
    const submit = dialog.getByRole("button", { name: "Suspend" });
    // Without a reason it is refused at its field, where the focus goes.
    await pressUntil(page, "Tab", () => isFocused(submit));
    await page.keyboard.press("Enter");
    await page.getByText("Please fill this in.").waitFor();
    await page.keyboard.type("Unpaid since March");
    await pressUntil(page, "Tab", () => isFocused(submit));
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("status").getByText("Unpaid since March").waitFor();
    await page.keyboard.press("F6");
    const undo = page.getByRole("button", { name: "Undo" });
    await pressUntil(page, "Tab", () => isFocused(undo));
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Unpaid since March").waitFor({ state: "detached" });
    await page.getByText("Active", { exact: true }).first().waitFor();
  });

  test("that somebody else has changed meanwhile is not overwritten unseen", async () => {
    const founder = await found("conflict");
    const { page } = await visit();
    await enterPlatform(page, undefined, `/operator/tenants?q=${founder.slug}`);
    await page.getByRole("link", { name: founder.organization }).click();
    await page.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Rename" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("Mine");
    await rename(founder.slug, "Theirs");
    await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
    const versions = page.getByRole("region", { name: "What was changed" }).getByRole("row").nth(1);
    await versions.waitFor();
    expect(await versions.getByRole("cell").allTextContents()).toEqual([founder.organization, "Mine", "Theirs"]);
    await page.getByRole("button", { name: "Save mine" }).click();
    await page.getByRole("heading", { level: 1, name: "Mine" }).waitFor();
  });

  test("is deleted by typing its address, and taken back", async () => {
    const founder = await found("deleted");
    const { page } = await visit();
    await enterPlatform(page, undefined, `/operator/tenants?q=${founder.slug}`);
    await page.getByRole("link", { name: founder.organization }).click();
    await page.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    const dialog = page.getByRole("alertdialog");
    await dialog.getByText("this can be taken back").waitFor();
    const submit = dialog.getByRole("button", { name: "Delete" });
    expect(await submit.isDisabled()).toBe(true);
    await dialog.getByRole("textbox").fill(founder.slug);
    await submit.click();
    await page.getByText("Will be erased after").waitFor();
    await page.getByText("Scheduled").first().waitFor();
    await page.getByRole("button", { name: "Take deletion back" }).click();
    await page.getByText("The deletion was taken back").waitFor();
    await page.getByText("Will be erased after").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Actions" }).waitFor();
  });

  test("is made for somebody, and built on the screen", async () => {
    const slug = unique("made");
    const { page } = await visit();
    await enterPlatform(page, undefined, "/operator/tenants/new");
    await page.getByRole("textbox", { name: "Name", exact: true }).fill(slug);
    await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
    await page.getByRole("button", { name: "Create tenant" }).click();
    await page.getByText("has no account yet").waitFor();
    await page.getByLabel("Name of a new account").fill("Ada Lovelace");
    await page.getByRole("textbox", { name: "Password of a new account" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create tenant" }).click();
    await page.getByRole("heading", { level: 1, name: slug }).waitFor();
    await page.getByText("8 of 8 steps done").waitFor();
    await page.getByText("Active", { exact: true }).first().waitFor();
  });

  /** Somebody else's hand. */
  async function rename(slug: string, name: string) {
    const token = await operatorToken();
    const [tenant] = await call<{ id: string; version: number }[]>("GET", `/tenants?q=${slug}`, { token });
    const headers = { "If-Match": `"${tenant?.version}"` };
    await call("PATCH", `/tenants/${tenant?.id}`, { token, headers, body: { name } });
  }
});

describe("who is no operator", () => {
  const PAGES = ["/operator", "/operator/tenants", "/operator/operations", "/operator/plans", "/operator/audit-logs"];
  const APIS = ["admin/overview", "admin/operations", "admin/plans", "admin/audit-logs", "tenants"];

  /** What the console's own requests would be answered from this page. */
  const statuses = (page: Page, paths: string[]) =>
    page.evaluate(
      (all) =>
        Promise.all(
          all.map((path) =>
            fetch(`/api/v1/${path}`, { headers: { "X-Console": "1" } }).then((answer) => answer.status),
          ),
        ),
      paths,
    );

  test("nobody is led to the log-in, and learns nothing from the API", async () => {
    const { page } = await visit();
    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole("heading", { name: "Platform administration" }).waitFor();
      expect(new URL(page.url()).searchParams.get("next")).toBe(path);
    }
    expect(new Set(await statuses(page, APIS))).toEqual(new Set([401]));
  });

  test("a tenant's owner gets no further, on the apex or at home", async () => {
    const founder = await found("curious");
    const { page } = await visit();
    await enterWorkspace(page, founder);
    expect((await statuses(page, APIS)).every((status) => status >= 401 && status <= 404)).toBe(true);
    await page.goto(`${founder.home}/operator/tenants`);
    await page.getByRole("main").waitFor();
    expect(await page.getByRole("grid").count()).toBe(0);
    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole("heading", { name: "Platform administration" }).waitFor();
    }
    expect((await statuses(page, APIS)).every((status) => status === 401 || status === 403)).toBe(true);
  });
});
