/**
 * Operators watch a set-up that fails for good (by a point that debug builds have, `NEXUS_FAILPOINT`), and try it again until
 * it is done; and nobody else gets near.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visitors } from "./browser";
import { enterPlatform } from "./operators";
import { enterWorkspace, found, PASSWORD, unique } from "./people";
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
    await page.getByText("Tried again").first().waitFor();

    await page.getByRole("link", { name: "All of them" }).click();
    await page.getByRole("grid", { name: "Operations" }).waitFor();
    await expect.poll(() => page.getByRole("row").filter({ hasText: slug }).count()).toBe(3);
  });
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
