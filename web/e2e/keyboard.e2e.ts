/** Every flow by keyboard alone: nothing in this file is clicked, or filled in but by typing. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { visitors } from "./browser";
import { isFocused, keyboard, pressUntil } from "./keys";
import { call, type Founder, found, invite, mailTo, PASSWORD, prove, unique } from "./people";
import { as, levelOf, makeLocation, makeProduct, receive } from "./stock";

const visit = visitors();

/** Somebody at a page of their organization, who has logged in by keyboard. */
async function atWork(founder: Founder, path: string) {
  const { page } = await visit();
  const keys = keyboard(page);
  await page.goto(`/log-in?organization=${founder.slug}&next=${encodeURIComponent(path)}`);
  await keys.type(page.getByLabel("E-mail address"), founder.email);
  await keys.type(page.getByRole("textbox", { name: "Password" }), PASSWORD);
  await keys.press("Enter");
  await page.waitForURL((url) => url.origin === founder.home && url.pathname !== "/enter");
  await page.locator("h1").first().waitFor();
  return { page, keys };
}

test("an organization is founded, and its first stock comes in", async () => {
  const { page } = await visit();
  const keys = keyboard(page);
  const slug = unique("keys");
  await page.goto("/sign-up");
  await keys.type(page.getByLabel("Organization"), slug);
  await keys.type(page.getByLabel("Your name"), "Ada Lovelace");
  await keys.type(page.getByLabel("E-mail address"), `${slug}@example.com`);
  await keys.type(page.getByRole("textbox", { name: "Password" }), PASSWORD);
  await keys.use(page.getByRole("button", { name: "Create organization" }));
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
  await keys.use(page.getByRole("region", { name: "First steps" }).getByRole("link", { name: "New product" }));
  await keys.type(page.getByRole("textbox", { name: "Name", exact: true }).first(), "Espresso beans");
  await keys.type(page.getByRole("textbox", { name: "SKU" }).first(), "BEAN-1KG");
  await keys.use(page.getByRole("button", { name: "Create product" }));
  await keys.use(page.getByRole("link", { name: "Receive" }));
  await keys.type(page.getByRole("textbox", { name: /^Quantity/ }).first(), "12");
  await keys.use(page.getByRole("button", { name: "Receive", exact: true }));
  await page.getByText("1 line received").waitFor();
});

test("products are imported from a file", async () => {
  const founder = await found("file");
  const { page, keys } = await atWork(founder, "/imports/products");
  const opened = page.waitForEvent("filechooser");
  await keys.use(page.getByRole("button", { name: /^Choose/ }));
  const buffer = Buffer.from(
    "Artikel-Nr.;Bezeichnung;VK-Preis\nBEAN-1KG;Espresso beans;23.50\nBAD-1;Wrong price;many\n",
  );
  await (await opened).setFiles({ name: "Artikel.csv", mimeType: "text/csv", buffer });
  await keys.use(page.getByRole("button", { name: "Check the file" }));
  await page.getByText("What would come of it").waitFor();
  await keys.tick(page.getByLabel("Import the good rows and leave out the wrong ones"));
  await keys.use(page.getByRole("button", { name: "Import", exact: true }));
  await page.getByRole("heading", { name: "Imported" }).waitFor();
  const saved = page.waitForEvent("download");
  await keys.use(page.getByRole("link", { name: "Download the list of errors" }));
  await saved;
  await keys.use(page.getByRole("link", { name: "Show the products" }));
  await page.getByText("1 row", { exact: true }).waitFor();
});

test("a product is changed, put under a tag and a category, and stock is corrected, moved, counted and taken back", async () => {
  const founder = await found("shelf");
  const product = await makeProduct(founder, "Cups", "CUP-1");
  await receive(founder, "CUP-1", "10");
  await makeLocation(founder, "SHOP", "Shop");
  const { page, keys } = await atWork(founder, `/products/${product.id}/edit`);
  await keys.type(page.getByLabel("Brand"), "Harbour");
  await keys.use(page.getByRole("button", { name: "Save", exact: true }));
  await page.getByText("“Cups” saved").waitFor();

  await keys.command("go to the tags");
  await keys.use(page.getByRole("button", { name: "New tag" }));
  await keys.type(page.getByRole("dialog").getByRole("textbox", { name: "Name" }), "Fragile");
  await keys.press("Enter");
  await page.getByText("Tag “Fragile” created").waitFor();
  await keys.command("go to the categories");
  await keys.use(page.getByRole("button", { name: "New category" }));
  await keys.type(page.getByRole("dialog").getByRole("textbox", { name: "Name" }), "Kitchen");
  await keys.press("Enter");
  await page.getByText("Category “Kitchen” created").waitFor();

  await keys.command("go to the stock");
  const figure = page.getByRole("button", { name: "10 of CUP-1 at Main warehouse: correct" });
  await figure.waitFor();
  const cell = page.getByRole("gridcell").filter({ has: figure });
  await keys.reach(page.locator("[data-cell]"));
  await keys.press("Control+Home");
  await toCell(page, cell);
  await keys.press("Enter");
  expect(await figure.evaluate((element) => element === document.activeElement)).toBe(true);
  await keys.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Correct CUP-1" });
  await keys.type(dialog.getByLabel("Change, such as +5 or −2"), "-2");
  await keys.press("Enter");
  await page.getByText("CUP-1 at Main warehouse: -2, now 8").waitFor();
  await keys.press("F6");
  await keys.use(page.getByRole("button", { name: "Undo" }));
  await page.getByText("Taken back by a reversal").waitFor();

  await page.goto(`${founder.home}/inventory/transfer?sku=CUP-1`);
  await keys.choose(page.getByRole("combobox", { name: /^From/ }), "MAIN", /Main warehouse/);
  await keys.choose(page.getByRole("combobox", { name: /^To/ }), "Shop", /Shop/);
  await keys.type(page.getByLabel("Quantity of Cups"), "4");
  await keys.use(page.getByRole("button", { name: "Transfer", exact: true }));
  await page.getByText("1 line transferred").waitFor();
  await page.goto(`${founder.home}/inventory/count?sku=CUP-1`);
  await keys.type(page.getByLabel("Quantity of Cups"), "5");
  await keys.use(page.getByRole("button", { name: "Post count" }));
  await page.getByText("1 difference posted").waitFor();
  expect((await levelOf(founder, "CUP-1"))?.on_hand).toBe("5");
  expect((await levelOf(founder, "CUP-1", "SHOP"))?.on_hand).toBe("4");
});

/** Walks from the first cell of a grid to another by arrows. */
async function toCell(page: Page, cell: Locator) {
  const [row, column] = ((await cell.first().getAttribute("data-cell")) ?? "0:0").split(":").map(Number);
  for (let step = 0; step < (row ?? 0); step += 1) await page.keyboard.press("ArrowDown");
  for (let step = 0; step < (column ?? 0); step += 1) await page.keyboard.press("ArrowRight");
}

test("a site and a bin are set up, renamed and put away", async () => {
  const founder = await found("places");
  const { page, keys } = await atWork(founder, "/locations");
  const form = page.getByRole("dialog");
  /** From the row's menu, which → leads to. */
  const choose = async (name: string, action: string) => {
    await keys.reach(page.getByRole("row").and(page.locator("[data-row]")));
    const row = page.getByRole("row", { name });
    await row.waitFor();
    await keys.press("Home");
    await pressUntil(page, "ArrowDown", () => isFocused(row));
    await pressUntil(page, "ArrowRight", () => isFocused(page.getByRole("button", { name: `More for ${name}` })));
    await keys.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.type(action);
    await keys.press("Enter");
    await page.getByRole("menu").waitFor({ state: "detached" });
  };
  await keys.use(page.getByRole("button", { name: "New site" }));
  await keys.type(form.getByRole("textbox", { name: "Name" }), "Shop");
  await keys.type(form.getByRole("textbox", { name: "Code" }), "SHOP");
  await keys.use(form.getByRole("button", { name: "Create", exact: true }));
  await page.getByText("“Shop” created").waitFor();

  await choose("Shop", "Add");
  await keys.use(form.getByRole("button", { name: /Type/ }));
  await page.getByRole("listbox").waitFor();
  await page.keyboard.type("Bin");
  await keys.press("Enter");
  await keys.type(form.getByRole("textbox", { name: "Name" }), "Till");
  await keys.type(form.getByRole("textbox", { name: "Code" }), "TILL");
  await keys.use(form.getByRole("button", { name: "Create", exact: true }));
  await page.getByText("“Till” created").waitFor();

  await choose("Till", "Edit");
  await keys.type(form.getByRole("textbox", { name: "Name" }), "Counter");
  await keys.use(form.getByRole("button", { name: "Save", exact: true }));
  await page.getByText("“Counter” saved").waitFor();
  await choose("Counter", "Archive");
  await page.getByText("“Counter” archived").waitFor();
  expect(await as(founder)("GET", "/locations?code=TILL")).toMatchObject([
    { name: "Counter", type: "bin", status: "archived" },
  ]);
});

test("a forgotten password is set anew", async () => {
  const founder = await found("forgot");
  const { page } = await visit();
  const keys = keyboard(page);
  await page.goto("/log-in");
  await keys.use(page.getByRole("link", { name: "Forgot your password?" }));
  await keys.type(page.getByLabel("E-mail address"), founder.email);
  await keys.press("Enter");
  await page.getByText(`If ${founder.email} has an account here`).waitFor();
  const [link] = /http\S+\/reset-password#token=\S+/.exec(await mailTo(founder.email, "/reset-password#")) ?? [];
  await page.goto(link ?? "");
  await keys.type(page.getByRole("textbox", { name: "New password" }), `${PASSWORD}, anew`);
  await keys.press("Enter");
  await page.getByText("Your password is changed").waitFor();
  await keys.use(page.getByRole("link", { name: "Log in" }));
  await keys.type(page.getByLabel("E-mail address"), founder.email);
  await keys.type(page.getByRole("textbox", { name: "Password" }), `${PASSWORD}, anew`);
  await keys.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Start" }).waitFor();
});

test("somebody is invited, joins, gets another role, and is taken out", async () => {
  const founder = await found("team");
  await prove(founder);
  const { page, keys } = await atWork(founder, "/invitations");
  const email = `${unique("grace")}@example.com`;
  await keys.use(page.getByRole("button", { name: "Invite", exact: true }));
  await keys.type(page.getByRole("textbox", { name: "E-mail address" }), email);
  await keys.tick(page.getByRole("checkbox", { name: "Viewer" }));
  await keys.use(page.getByRole("button", { name: "Send invitation" }));
  await page.getByText(`The invitation to ${email} is on its way`).waitFor();

  const another = `${unique("joan")}@example.com`;
  const link = await invite(founder, another, "viewer");
  const { page: theirs } = await visit();
  const theirKeys = keyboard(theirs);
  await theirs.goto(link);
  await theirKeys.type(theirs.getByLabel("Your name"), "Joan Clarke");
  await theirKeys.type(theirs.getByRole("textbox", { name: "Password" }), PASSWORD);
  await theirKeys.press("Enter");
  await theirs.waitForURL((url) => url.origin === founder.home && url.pathname === "/");
  await theirs.locator("h1").first().waitFor();

  await keys.command("joan");
  await keys.tick(page.getByRole("checkbox", { name: "Staff" }));
  await keys.use(page.getByRole("button", { name: "Save roles" }));
  await page.getByText("The roles of Joan Clarke are changed").waitFor();
  await keys.use(page.getByRole("button", { name: "Actions" }));
  await page.getByRole("menu").waitFor();
  await page.keyboard.type("Deactivate");
  await keys.press("Enter");
  await page.getByText("Deactivated").first().waitFor();
});

test("the organization's currency is set, a key is made and revoked, and a new password is set", async () => {
  const founder = await found("office");
  await prove(founder);
  const { page, keys } = await atWork(founder, "/organization");
  await keys.choose(page.getByRole("combobox", { name: "Currency" }), "swiss", /CHF/);
  await keys.use(page.getByRole("button", { name: "Save" }).last());
  await expect.poll(() => as(founder)("GET", "/settings")).toMatchObject({ currency: "CHF" });

  await keys.command("api keys");
  await keys.use(page.getByRole("button", { name: "New key" }));
  const drawer = page.getByRole("dialog", { name: "New key" });
  await keys.type(drawer.getByLabel("Name"), "Web shop");
  await keys.tick(drawer.getByRole("checkbox", { name: "See products, variants and tags" }));
  await keys.use(drawer.getByRole("button", { name: "Create key" }));
  const shown = page.getByRole("dialog", { name: "The key is created" });
  const key = (await shown.getByText(/^nxk_/).textContent()) ?? "";
  await keys.use(shown.getByRole("button", { name: "I have kept it" }));
  await shown.waitFor({ state: "detached" });
  await call("GET", "/products", { token: key, slug: founder.slug });
  await keys.reach(page.locator("[data-cell]"));
  await keys.press("Control+Home", "Enter");
  await keys.use(page.getByRole("button", { name: "Revoke" }));
  const confirm = page.getByRole("alertdialog", { name: "Revoke Web shop?" });
  await keys.type(confirm.getByRole("textbox"), "web shop");
  await keys.use(confirm.getByRole("button", { name: "Revoke" }));
  await page.getByText("Web shop is revoked").waitFor();

  await page.goto("/account/security");
  await keys.type(page.getByLabel("Present password"), PASSWORD);
  await keys.type(page.getByLabel("New password"), `${PASSWORD}, anew`);
  await keys.use(page.getByRole("button", { name: "Change password" }));
  await page.getByText("Your password is changed").waitFor();
});
