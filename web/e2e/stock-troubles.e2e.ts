/** Stock is moved once, whatever happens on the way: two presses, two tabs, the back button, a network that fails or is slow. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { nav, visitors } from "./browser";
import { call, enterWorkspace, type Founder, found } from "./people";
import { levelOf, makeProduct, movementsOf, receive } from "./stock";

const visit = visitors();

async function withStock(prefix: string): Promise<Founder> {
  const founder = await found(prefix);
  await makeProduct(founder, "Green tea", "TEA-1");
  await receive(founder, "TEA-1", "20");
  return founder;
}

const figure = (page: Page, quantity: string) =>
  page.getByRole("button", { name: `${quantity} of TEA-1 at Main warehouse: correct` });

async function correct(page: Page, from: string, by: string) {
  await figure(page, from).click();
  const dialog = page.getByRole("dialog", { name: "Correct TEA-1" });
  await dialog.getByLabel("Change, such as +5 or −2").fill(by);
  await dialog.getByRole("button", { name: /^Correct by/ }).click();
}

const isRead = (part: string) => performance.getEntriesByType("resource").some(({ name }) => name.includes(part));

/** The keys under which corrections are sent. */
function keysOf(page: Page): string[] {
  const keys: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/inventory/adjust")) keys.push(request.headers()["idempotency-key"] ?? "");
  });
  return keys;
}

test("two presses make one product, and the back button does not lead to its form again", async () => {
  const founder = await found("twice");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/products");
  await page.getByRole("link", { name: "New product" }).first().click();
  let sent = 0;
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/products")) sent += 1;
  });
  await page.getByLabel("Name").first().fill("Once");
  await page.getByLabel("SKU").fill("ONCE-1");
  await page.getByRole("button", { name: "Create product" }).dblclick();
  await page.getByRole("heading", { level: 1, name: "Once" }).waitFor();
  expect(sent).toBe(1);
  await page.goBack();
  await page.getByText("1 row", { exact: true }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/products");
});

test("two presses post one receipt; gone back to, the form is empty; a draft outlives a reload", async () => {
  const founder = await withStock("receipt");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/inventory/receive?sku=TEA-1");
  await page.getByLabel("Quantity of Green tea").fill("7");
  await page.reload();
  await expect.poll(() => page.getByLabel("Quantity of Green tea").inputValue()).toBe("7");
  await page.getByRole("button", { name: "Receive", exact: true }).dblclick();
  await page.getByText("1 line received").waitFor();
  await nav(page).getByRole("link", { name: "Stock", exact: true }).click();
  await figure(page, "27").waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Receive stock" }).waitFor();
  expect(await page.getByRole("button", { name: "Receive", exact: true }).isDisabled()).toBe(true);
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(2);
});

test("a file that was imported is not imported again by going back and pressing once more", async () => {
  const founder = await found("again");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/imports/stock-movements");
  await makeProduct(founder, "Green tea", "TEA-1");
  const buffer = Buffer.from("sku,quantity,location,reason\nTEA-1,5,MAIN,receipt\n");
  await page.locator("input[type=file]").setInputFiles({ name: "moves.csv", mimeType: "text/csv", buffer });
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.getByRole("button", { name: "Import", exact: true }).dblclick();
  await page.getByRole("heading", { name: "Imported" }).waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByText("This very file was imported before").waitFor();
  expect((await levelOf(founder, "TEA-1"))?.on_hand).toBe("5");
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(1);
});

test("two tabs of one person: the second is told of what the first did, and does nothing on top of it unasked", async () => {
  const founder = await withStock("tabs");
  const { page, context } = await visit();
  await enterWorkspace(page, founder, "/inventory");
  await figure(page, "20").waitFor();
  const other = await context.newPage();
  await other.goto(`${founder.home}/inventory`);
  await figure(other, "20").waitFor();
  await correct(page, "20", "-4");
  await page.getByText("now 16").waitFor();
  await correct(other, "20", "-4");
  const dialog = other.getByRole("alertdialog", { name: "The stock has changed meanwhile" });
  await dialog.getByRole("button", { name: "Leave it at 16" }).click();
  await figure(other, "16").waitFor();
  expect((await levelOf(founder, "TEA-1"))?.on_hand).toBe("16");
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(2);
});

test("without a network a correction is taken back with the reason, and sent again under the same key", async () => {
  const founder = await withStock("offline");
  const { page, context } = await visit();
  await enterWorkspace(page, founder, "/inventory");
  await figure(page, "20").waitFor();
  // What corrects, and what tells of it, is at hand before the network goes.
  for (const part of ["CorrectForm", "Toasts"])
    await expect.poll(() => page.evaluate(isRead, `/${part}-`), { timeout: 15_000 }).toBe(true);
  const keys = keysOf(page);
  await context.setOffline(true);
  await correct(page, "20", "-3");
  const notice = page.getByRole("alertdialog").filter({ hasText: "The server could not be reached" });
  await notice.waitFor();
  await figure(page, "20").waitFor();
  await context.setOffline(false);
  await notice.getByRole("button", { name: "Try again" }).click();
  await page.getByText("now 17").waitFor();
  await figure(page, "17").waitFor();
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(2);
});

test("an answer that was lost on its way back moves nothing twice", async () => {
  const founder = await withStock("lost");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/inventory");
  await figure(page, "20").waitFor();
  const keys = keysOf(page);
  await page.route(
    "**/inventory/adjust",
    async (route) => {
      // The server gets it, and its answer goes nowhere.
      const request = route.request();
      await call("POST", "/inventory/adjust", {
        body: request.postDataJSON(),
        token: founder.token,
        slug: founder.slug,
        headers: { "Idempotency-Key": request.headers()["idempotency-key"] ?? "" },
      });
      await route.abort("connectionreset");
    },
    { times: 1 },
  );
  await correct(page, "20", "-3");
  const notice = page.getByRole("alertdialog").filter({ hasText: "The server could not be reached" });
  await notice.waitFor();
  expect((await levelOf(founder, "TEA-1"))?.on_hand, "it had arrived").toBe("17");
  await notice.getByRole("button", { name: "Try again" }).click();
  await page.getByText("now 17").waitFor();
  await figure(page, "17").waitFor();
  expect(new Set(keys).size).toBe(1);
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(2);
});

test("on a slow network the new figure is there at once and marked, until the server has answered", async () => {
  const founder = await withStock("slow");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/inventory");
  await figure(page, "20").waitFor();
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route("**/inventory/adjust", async (route) => {
    await answered;
    await route.continue();
  });
  await correct(page, "20", "+5");
  const pending = page.getByRole("status").filter({ hasText: "On its way to the server" });
  await pending.waitFor();
  expect(await pending.textContent()).toContain("25");
  expect(await figure(page, "20").count(), "it can't be corrected meanwhile").toBe(0);
  expect((await levelOf(founder, "TEA-1"))?.on_hand).toBe("20");
  answer();
  await figure(page, "25").waitFor();
  await page.getByText("now 25").waitFor();
});

test("a correction that is refused goes back to what is there, and says why", async () => {
  const founder = await withStock("refused");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/inventory");
  await figure(page, "20").waitFor();
  await page.route("**/inventory/adjust", async (route) => {
    const body = route.request().postDataJSON();
    // As if the person had seen less than there is to take.
    body.lines[0] = { ...body.lines[0], delta: "-50", expected_quantity: undefined };
    await route.continue({ postData: JSON.stringify(body) });
  });
  await correct(page, "20", "-3");
  await page.getByText("There is not enough stock for that").waitFor();
  await figure(page, "20").waitFor();
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(1);
});
