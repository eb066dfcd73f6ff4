/** Every screen in light, dark, from the right, and at 360 px. Pictures of all of them go to `e2e/out`. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { expectAccessible, settled } from "./axe";
import { speak, visitors } from "./browser";
import { enterWorkspace, type Founder, found } from "./people";
import { type Route, routes, type Samples } from "./routes";

type Guise = "light" | "dark" | "narrow" | "from the right";

/** What a screen is looked at in, each after the other without loading it anew. */
const GUISES: Record<"en" | "ar", Guise[]> = { en: ["light", "dark", "narrow"], ar: ["from the right"] };

async function put(page: Page, guise: Guise) {
  await page.emulateMedia({ colorScheme: guise === "dark" ? "dark" : "light" });
  await page.setViewportSize(guise === "narrow" ? { width: 360, height: 740 } : { width: 1280, height: 860 });
  // Colours that change begin to move with the frame after.
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
}

const samples = import.meta.glob<{ samples: Samples }>("./samples/*.ts", { eager: true });

// Dozens of screens one after the other; a machine that does other things as well takes its time.
vi.setConfig({ testTimeout: 300_000 });

const visit = visitors();
let founder: Founder;
let addresses: Record<string, string> = {};

beforeAll(async () => {
  founder = await found("axe");
  for (const { samples: make } of Object.values(samples)) addresses = { ...addresses, ...(await make(founder)) };
});

test("every route with parameters has an example", () => {
  expect(routes().filter(({ path }) => path.includes("$") && !addresses[path])).toEqual([]);
});

describe.each(Object.entries(GUISES))("in %s", (language, guises) => {
  /** All screens of an area, one after the other; every fault of every one is told. Gives those that want a log-in first. */
  async function walk(page: Page, area: Route["area"], origin = "", only?: string[]) {
    const faults: unknown[] = [];
    const closed: string[] = [];
    for (const { path } of routes().filter((route) => route.area === area && (only?.includes(route.path) ?? true))) {
      await put(page, "light");
      await page.goto(origin + (addresses[path] ?? path));
      await page.locator("h1").first().waitFor();
      await settled(page);
      if (new URL(page.url()).searchParams.get("next") && !path.includes("log-in")) {
        closed.push(path);
        continue;
      }
      const file = path.replaceAll(/[^a-z0-9]+/gi, "-").replaceAll(/^-|-$/g, "") || "start";
      for (const guise of guises) {
        await put(page, guise);
        await expectAccessible(page, `${path}, ${guise}`).catch((fault) => faults.push(fault));
        await page.screenshot({ path: `e2e/out/${guise.replaceAll(" ", "-")}/${file}.png` });
      }
    }
    if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("\n"));
    return closed;
  }

  test("public screens", async () => {
    const { page, context } = await visit();
    await speak(context, language);
    const closed = await walk(page, "public");
    expect(closed).toContain("/account");
    await speak(context, "en");
    await enterWorkspace(page, founder);
    await speak(context, language);
    expect(await walk(page, "public", "", closed)).toEqual([]);
  });

  test("the workspace", async () => {
    const { page, context } = await visit();
    await enterWorkspace(page, founder);
    await speak(context, language);
    await walk(page, "workspace", founder.home);
  });

  test("platform administration", async () => {
    const operator = inject("operator");
    const { page, context } = await visit();
    await page.goto("/operator/log-in");
    await page.getByLabel("E-mail address").fill(operator.email);
    await page.getByRole("textbox", { name: "Password" }).fill(operator.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL((url) => url.pathname !== "/operator/log-in");
    await speak(context, language);
    await walk(page, "operator");
  });
});
