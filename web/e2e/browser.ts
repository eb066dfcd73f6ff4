/** Chromium for tests: one browser for a file, a context of its own for each person, and whatever goes wrong in a page fails the test. */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";
import { listen } from "./quiet";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync --disable-dev-shm-usage";

export interface Person {
  page: Page;
  context: BrowserContext;
  /** Faults of pages that this test expects, as parts of their text. */
  expected: string[];
}

export interface Look {
  language?: "en" | "de" | "ar";
  theme?: "light" | "dark";
  width?: number;
  height?: number;
}

/** Call at the top of a file of tests; gives what opens a page. */
export function visitors(launch: LaunchOptions = {}) {
  let browser: Browser;
  const open: { person: Person; faults: string[] }[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS.split(" "), ...launch });
  });
  afterAll(() => browser?.close());
  afterEach(async ({ task }) => {
    const all = open.splice(0);
    if (task.result?.state === "fail")
      for (const [index, { person }] of all.entries())
        await picture(person.page, `e2e/out/failed/${task.name.slice(0, 60)} ${index + 1}.png`);
    await Promise.all(all.map(({ person }) => person.context.close()));
    const faults = all.flatMap(({ person, faults }) =>
      faults.filter((fault) => !person.expected.some((part) => fault.includes(part))),
    );
    expect(faults, "faults told by the pages").toEqual([]);
  });

  return async function visit(look: Look = {}, more: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({
      baseURL: inject("url"),
      viewport: { width: look.width ?? 1280, height: look.height ?? 860 },
      colorScheme: look.theme ?? "light",
      locale: "en-US",
      ...more,
    });
    await speak(context, look.language ?? "en");
    const person: Person = { context, page: await context.newPage(), expected: [] };
    const faults: string[] = [];
    open.push({ person, faults });
    const attend = (page: Page) => {
      listen(page);
      page.on("pageerror", (error) => faults.push(`fault: ${error.message}`));
      page.on("console", (message) => {
        // A refusal that a screen shows is no fault of the page; a breach of the content security policy is.
        if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
          faults.push(message.text());
      });
    };
    attend(person.page);
    context.on("page", (page) => page !== person.page && attend(page));
    return person;
  };
}

/** A page that draws nothing any more says what it does instead, as the test's own fault is what counts. */
async function picture(page: Page, path: string) {
  const pause = async () => {
    const session = await page.context().newCDPSession(page);
    const paused = new Promise((resolve) => session.once("Debugger.paused", resolve));
    await session.send("Debugger.enable");
    await session.send("Debugger.pause");
    const idle = new Promise((resolve) => setTimeout(resolve, 2_000, "no script was running"));
    console.log(`${path}: no picture;`, JSON.stringify(await Promise.race([paused, idle])).slice(0, 4_000));
  };
  await page.screenshot({ path, timeout: 10_000 }).catch(pause).catch(console.log);
}

/** Pages opened from now on are in this language. */
export async function speak(context: BrowserContext, language: string) {
  await context.addInitScript((chosen) => {
    // Pages of nobody's (about:blank) have no storage.
    if (location.protocol.startsWith("http")) localStorage.setItem("nexus.language", chosen);
  }, language);
}

/** The shell's own navigation: a screen may link to the same place by the same name. */
export function nav(page: Page) {
  return page.getByRole("navigation", { name: "Navigation" });
}

/** Looked for with every frame: what passes by, and what is timed. */
export function shown(page: Page, selector: string, text: string) {
  return page.waitForFunction(
    ([where, what]) => [...document.querySelectorAll(where)].some((one) => one.textContent?.includes(what)),
    [selector, text] as const,
  );
}

export type Visit = ReturnType<typeof visitors>;
