/** What opens over the screens of catalogue and stock, and the steps of an import, in every guise. Pictures go to `e2e/out`. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "./axe";
import { type Look, speak, visitors } from "./browser";
import { enterWorkspace, type Founder, found } from "./people";
import { samples } from "./samples/products";
import { texts } from "./texts";

const LOOKS: Record<string, Look> = {
  light: { theme: "light" },
  dark: { theme: "dark" },
  "from-the-right": { language: "ar" },
  narrow: { width: 360, height: 740 },
};
const FILE = `SKU;Name;Category;Price;Remark
BEAN-250;Espresso beans, dark;Drinks > Coffee;7.20;x
NEW-1;Oat milk, one litre;Drinks;2.10;
NEW-2;Cups;Kitchen;many;
;Nameless;Kitchen;1;
`;

const visit = visitors();
let founder: Founder;
let product: string;

beforeAll(async () => {
  founder = await found("parts");
  product = (await samples(founder))["/products/$id"] ?? "";
});

describe.each(Object.entries(LOOKS))("%s", (name, look) => {
  const say = texts(look.language);

  async function open(): Promise<(path: string) => Promise<Page>> {
    const { page, context } = await visit({ ...look, language: "en" });
    await enterWorkspace(page, founder);
    await speak(context, look.language ?? "en");
    return async (path) => {
      await page.goto(founder.home + path);
      await page.locator("h1").first().waitFor();
      return page;
    };
  }

  async function shoot(page: Page, part: string) {
    // A popover stands beside the landmarks of its page, by its nature.
    await expectAccessible(page, part, ["region"]);
    await page.screenshot({ path: `e2e/out/${name}/part ${part}.png` });
  }

  const press = (page: Page, text: string) => page.getByRole("button", { name: text, exact: true }).first().click();

  test("drawers and dialogs of the catalogue", async () => {
    const go = await open();
    let page = await go(product);
    await press(page, say("products", "edit_variant").replace("{{sku}}", "BEAN-1KG"));
    await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    await shoot(page, "variant");
    page = await go("/products?status=active");
    await press(page, say("saved-views", "views"));
    await page.getByRole("menuitem", { name: say("saved-views", "save"), exact: true }).click();
    await page.getByRole("dialog").getByRole("textbox").waitFor();
    await shoot(page, "save view");
    page = await go("/categories");
    await press(page, say("categories", "new"));
    await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    await shoot(page, "category");
    page = await go("/tags");
    await press(page, say("tags", "new"));
    await page.getByRole("dialog").getByRole("textbox").waitFor();
    await shoot(page, "tag");
  });

  test("drawers and dialogs of stock", async () => {
    const go = await open();
    let page = await go(product);
    const correct = say("inventory", "correct").split("{{sku}}")[0]?.replace("{{figure}}", "");
    await page.getByRole("button", { name: correct?.trim() }).first().click();
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await shoot(page, "correct");
    page = await go("/stock-movements");
    await page.getByRole("gridcell").first().click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: say("stock-movements", "reverse") })
      .waitFor();
    await shoot(page, "movement");
    page = await go("/locations");
    await press(page, say("locations", "new_site"));
    await page.getByRole("dialog").getByRole("textbox").first().waitFor();
    await shoot(page, "location");
    page = await go("/inventory/transfer?sku=BEAN-250");
    await page
      .getByRole("spinbutton")
      .or(page.getByLabel(/Espresso/))
      .first()
      .waitFor();
    await shoot(page, "transfer with a line");
  });

  test("the steps of an import", async () => {
    const go = await open();
    const page = await go("/imports/products");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
    await page.getByRole("button", { name: say("imports", "adjust") }).click();
    await shoot(page, "import columns");
    await press(page, say("imports", "check"));
    await page.getByText(say("imports", "would_come")).waitFor();
    await page.getByText("is no amount such as 12.50").waitFor();
    await shoot(page, "import check");
    expect(await page.getByRole("button", { name: say("imports", "start"), exact: true }).isDisabled()).toBe(true);
  });
});
