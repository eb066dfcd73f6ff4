/** Every screen in light, dark, from the right, and at 360 px. Pictures of all of them go to `e2e/out`. */
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, inject, test, vi } from "vitest";
import { expectAccessible, settled } from "./axe";
import { type Look, speak, visitors } from "./browser";
import { enterWorkspace, type Founder, found } from "./people";
import { type Route, routes, type Samples } from "./routes";

const LOOKS: Record<string, Look> = {
  light: { theme: "light" },
  dark: { theme: "dark" },
  "from the right": { language: "ar" },
  narrow: { width: 360, height: 740 },
};

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

describe.each(Object.entries(LOOKS))("%s", (name, look) => {
  /** All screens of an area, one after the other; every fault of every one is told. Gives those that want a log-in first. */
  async function walk(page: Page, area: Route["area"], origin = "", only?: string[]) {
    const faults: unknown[] = [];
    const closed: string[] = [];
    for (const { path } of routes().filter((route) => route.area === area && (only?.includes(route.path) ?? true))) {
      await page.goto(origin + (addresses[path] ?? path));
      await page.locator("h1").first().waitFor();
      await settled(page);
      if (new URL(page.url()).searchParams.get("next") && !path.includes("log-in")) {
        closed.push(path);
        continue;
      }
      await expectAccessible(page, path).catch((fault) => faults.push(fault));
      const file = path.replaceAll(/[^a-z0-9]+/gi, "-").replaceAll(/^-|-$/g, "") || "start";
      await page.screenshot({ path: `e2e/out/${name.replaceAll(" ", "-")}/${file}.png` });
    }
    if (faults.length > 0) throw new AggregateError(faults, faults.map(String).join("\n"));
    return closed;
  }

  test("public screens", async () => {
    const { page, context } = await visit({ ...look, language: "en" });
    await speak(context, look.language ?? "en");
    const closed = await walk(page, "public");
    expect(closed).toContain("/account");
    await speak(context, "en");
    await enterWorkspace(page, founder);
    await speak(context, look.language ?? "en");
    expect(await walk(page, "public", "", closed)).toEqual([]);
  });

  test("the workspace", async () => {
    const { page, context } = await visit({ ...look, language: "en" });
    await enterWorkspace(page, founder);
    await speak(context, look.language ?? "en");
    await walk(page, "workspace", founder.home);
  });

  test("platform administration", async () => {
    const operator = inject("operator");
    const { page, context } = await visit({ ...look, language: "en" });
    await page.goto("/operator/log-in");
    await page.getByLabel("E-mail address").fill(operator.email);
    await page.getByRole("textbox", { name: "Password" }).fill(operator.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL((url) => url.pathname !== "/operator/log-in");
    await speak(context, look.language ?? "en");
    await walk(page, "operator");
  });
});
