/** From a new organization to stock that moves: a file of products, a receipt, corrections, and two people at once. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { nav, visitors } from "./browser";
import { call, enterWorkspace, found, PASSWORD, unique } from "./people";
import { as, levelOf, makeLocation, makeProduct, movementsOf, type Product, receive } from "./stock";

const visit = visitors();

const FILE = `Artikel-Nr.;Bezeichnung;Warengruppe;VK-Preis;EAN
BEAN-1KG;Espresso beans;Drinks > Coffee;23.50;4006381333931
TEA-100;Green tea;Drinks > Tea;4.90;
CUP-6;Cups, set of six;Kitchen;18;
BAD-1;Wrong price;Kitchen;many;
`;

/** Opens the figure of a level and says by how much it changes. */
async function correct(page: Page, sku: string, by: string, location = "Main warehouse") {
  await page.getByRole("button", { name: new RegExp(`of ${sku} at ${location}: correct`) }).click();
  const dialog = page.getByRole("dialog", { name: `Correct ${sku}` });
  await dialog.getByLabel("Change, such as +5 or −2").fill(by);
  await dialog.getByRole("button", { name: /^Correct by/ }).click();
}

const figure = (page: Page, sku: string, quantity: string) =>
  page.getByRole("button", { name: `${quantity} of ${sku} at Main warehouse: correct` });

test("somebody signs up, imports products, receives some, corrects a level and takes it back", async () => {
  const { page } = await visit();
  const slug = unique("stock");
  await page.goto("/sign-up");
  await page.getByLabel("Organization").fill(slug);
  await expect.poll(() => page.getByRole("textbox", { name: "Address", exact: true }).inputValue()).toBe(slug);
  await page.getByLabel("Your name").fill("Ada Lovelace");
  await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create organization" }).click();
  await page.waitForURL((url) => url.hostname.startsWith(slug));

  await nav(page).getByRole("link", { name: "Products", exact: true }).click();
  await page.getByRole("link", { name: "Import", exact: true }).first().click();
  await page.locator("input[type=file]").setInputFiles({
    name: "Artikel.csv",
    mimeType: "text/csv",
    buffer: Buffer.from(FILE),
  });
  // The columns are known by their German names, the signs between them by counting.
  await expect.poll(() => page.getByLabel("Artikel-Nr. becomes").inputValue()).toBe("sku");
  expect(await page.getByLabel("Bezeichnung becomes").inputValue()).toBe("name");
  expect(await page.getByLabel("VK-Preis becomes").inputValue()).toBe("price");
  expect(await page.getByLabel("EAN becomes").inputValue()).toBe("barcode");
  await page.getByRole("button", { name: "Check the file" }).click();
  await page.getByText("What would come of it").waitFor();
  await page.getByText("is no amount such as 12.50").waitFor();
  const start = page.getByRole("button", { name: "Import", exact: true });
  expect(await start.isDisabled(), "one wrong row keeps everything out").toBe(true);
  await page.getByLabel("Import the good rows and leave out the wrong ones").check();
  await start.click();
  await page.getByRole("heading", { name: "Imported" }).waitFor();
  const [errors] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download the list of errors" }).click(),
  ]);
  expect(errors.suggestedFilename()).toMatch(/\.csv$/);
  await page.getByRole("link", { name: "Show the products" }).click();
  await page.getByText("3 rows", { exact: true }).waitFor();

  await page.getByRole("link", { name: "Espresso beans" }).click();
  await page.getByRole("link", { name: "Receive stock" }).click();
  await page.getByLabel("Quantity of Espresso beans").fill("40");
  await page.getByRole("button", { name: "Receive", exact: true }).click();
  await page.getByText("1 line received").waitFor();

  await nav(page).getByRole("link", { name: "Stock", exact: true }).click();
  await figure(page, "BEAN-1KG", "40").waitFor();
  await correct(page, "BEAN-1KG", "-2");
  await page.getByText("BEAN-1KG at Main warehouse: -2, now 38").waitFor();
  await figure(page, "BEAN-1KG", "38").waitFor();
  await page.getByRole("button", { name: "Undo" }).first().click();
  await page.getByText("Taken back by a reversal").waitFor();
  await figure(page, "BEAN-1KG", "40").waitFor();
  const token = await call<{ access_token: string }>("POST", "/auth/login", {
    body: { email: `${slug}@example.com`, password: PASSWORD, organization: slug },
  });
  const person = { slug, token: token.access_token };
  expect((await movementsOf(person, "BEAN-1KG")).map(({ reason }) => reason)).toEqual([
    "reversal",
    "correction",
    "receipt",
  ]);
});

test("two people edit one product: the second sees both changes, and nothing is lost", async () => {
  const founder = await found("edit");
  const product = await makeProduct(founder, "Espresso", "E-1", { brand: "Harbour" });
  const [ada, ben] = [await visit(), await visit()];
  const path = `/products/${product.id}/edit`;
  await Promise.all([enterWorkspace(ada.page, founder, path), enterWorkspace(ben.page, founder, path)]);
  await ada.page.getByLabel("Brand").fill("Old Town");
  await ben.page.getByLabel("Name", { exact: false }).first().fill("Espresso, dark");
  await ben.page.getByLabel("Brand").fill("Seaside");
  await ada.page.getByRole("button", { name: "Save" }).click();
  await ada.page.getByText("“Espresso” saved").waitFor();
  await ben.page.getByRole("button", { name: "Save" }).click();
  const conflict = ben.page.getByRole("region", { name: "What was changed" });
  await conflict.waitFor();
  const cells = (row: string) =>
    conflict
      .getByRole("row", { name: new RegExp(`^${row}`) })
      .getByRole("cell")
      .allTextContents();
  expect(await cells("Brand")).toEqual(["Harbour", "Seaside", "Old Town"]);
  expect(await cells("Name")).toEqual(["Espresso", "Espresso, dark", "Espresso"]);
  await ben.page.getByRole("button", { name: "Save mine" }).click();
  await ben.page.getByText("“Espresso, dark” saved").waitFor();
  const now = await as(founder)<Product & { brand: string }>("GET", `/products/${product.id}`);
  expect([now.name, now.brand]).toEqual(["Espresso, dark", "Seaside"]);

  await ben.page.getByRole("link", { name: "Changes" }).click();
  await ben.page.getByText("Product changed").first().waitFor();
  expect(await ben.page.getByText("Old Town").count()).toBeGreaterThan(0);
});

test("two people correct one level: the second sees yours, theirs and now, and decides", async () => {
  const founder = await found("level");
  await makeProduct(founder, "Green tea", "TEA-1");
  await receive(founder, "TEA-1", "20");
  const [ada, ben] = [await visit(), await visit()];
  await Promise.all([enterWorkspace(ada.page, founder, "/inventory"), enterWorkspace(ben.page, founder, "/inventory")]);
  await figure(ben.page, "TEA-1", "20").waitFor();
  await correct(ada.page, "TEA-1", "-5");
  await ada.page.getByText("now 15").waitFor();
  await correct(ben.page, "TEA-1", "+2");
  const dialog = ben.page.getByRole("alertdialog", { name: "The stock has changed meanwhile" });
  await dialog.waitFor();
  const figures = await dialog.getByRole("definition").allTextContents();
  expect(figures.join(" | ")).toContain("+2");
  expect(figures.join(" | ")).toContain("-5");
  expect(figures.join(" | ")).toContain("15");
  await dialog.getByRole("button", { name: "Apply +2: 17" }).click();
  await ben.page.getByText("now 17").waitFor();
  expect((await levelOf(founder, "TEA-1"))?.on_hand).toBe("17");
  expect(await movementsOf(founder, "TEA-1")).toHaveLength(3);
});

test("more than there is can't be taken, and what is kept elsewhere is moved there", async () => {
  const founder = await found("move");
  await makeProduct(founder, "Cups", "CUP-1");
  await receive(founder, "CUP-1", "10");
  await makeLocation(founder, "SHOP", "Shop");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/inventory/transfer?sku=CUP-1");
  await page.getByRole("combobox", { name: /^From/ }).fill("MAIN");
  await page.getByRole("option", { name: /Main warehouse/ }).click();
  await page.getByRole("combobox", { name: /^To/ }).fill("Shop");
  await page.getByRole("option", { name: /Shop/ }).click();
  await page.getByText("10 available").waitFor();
  await page.getByLabel("Quantity of Cups").fill("12");
  await page.getByRole("button", { name: "Transfer", exact: true }).click();
  await page.getByText("Only 10 available.").waitFor();
  await page.getByLabel("Quantity of Cups").fill("4");
  await page.getByRole("button", { name: "Transfer", exact: true }).click();
  await page.getByText("1 line transferred").waitFor();
  expect((await levelOf(founder, "CUP-1"))?.on_hand).toBe("6");
  expect((await levelOf(founder, "CUP-1", "SHOP"))?.on_hand).toBe("4");
  await page.getByRole("button", { name: "Undo" }).first().click();
  await page.getByText("Taken back by a reversal").waitFor();
  expect((await levelOf(founder, "CUP-1"))?.on_hand).toBe("10");
});
