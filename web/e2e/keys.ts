/** A person without a mouse: Tab leads from control to control, keys do the rest. */
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";

/** More stops than any screen has between two controls. */
const MOST_STOPS = 120;

/** Presses a key until something holds. */
export async function pressUntil(page: Page, key: string, holds: () => Promise<boolean>) {
  for (let left = MOST_STOPS; !(await holds()); left -= 1) {
    if (left === 0) expect.fail(`${key} does not lead there; the focus is on ${await focusedText(page)}`);
    await page.keyboard.press(key);
  }
}

/** Whether one of these has the focus. */
export const isFocused = (control: Locator) =>
  control.evaluateAll((elements) => elements.some((element) => element === document.activeElement));

const focusedText = (page: Page) => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));

/** What somebody does with a keyboard, on this page. */
export function keyboard(page: Page) {
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Goes on by Tab until a control has the focus. */
  const reach = async (control: Locator) => {
    await control.first().waitFor();
    await pressUntil(page, "Tab", () => isFocused(control));
  };
  const type = async (field: Locator, text: string) => {
    await reach(field);
    await press("Control+a");
    await page.keyboard.type(text);
  };
  return {
    press,
    reach,
    type,
    async use(control: Locator) {
      await reach(control);
      await press("Enter");
    },
    async tick(box: Locator) {
      await reach(box);
      await press("Space");
    },
    /** Types into a box that offers things, and takes one. */
    async choose(box: Locator, text: string, option: string | RegExp) {
      await type(box, text);
      const offered = page.getByRole("option", { name: option }).first();
      await offered.waitFor();
      await pressUntil(page, "ArrowDown", () => isCurrent(offered));
      await press("Enter");
    },
    /** Finds a command or a thing in the palette by what it is called, as fast as keys can be pressed. */
    async command(text: string) {
      await press("Control+k");
      const palette = page.getByRole("dialog", { name: "Search and commands" });
      await expect.poll(() => isFocused(palette.getByRole("searchbox"))).toBe(true);
      await page.keyboard.type(text);
      await press("Enter");
      await palette.waitFor({ state: "detached" });
    },
  };
}

/** Whether it is what Enter would take: its box keeps the focus. */
const isCurrent = (option: Locator) =>
  option.evaluate((element) => element === document.activeElement || element.hasAttribute("data-focused"));
