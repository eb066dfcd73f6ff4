/** What keeps hosts apart: no page of one acts, reads, is shown or leads somewhere in the name of another. */
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { nav, visitors } from "./browser";
import { codeOf, raw } from "./hosts";
import { enterPlatform } from "./operators";
import { enterWorkspace, type Founder, found, PASSWORD, prove, unique } from "./people";
import { type Program, start } from "./stack";

const visit = visitors();
/** With the copies of pages that browsers keep for "back", which tests are usually spared. */
const visitWithCopies = visitors({ ignoreDefaultArgs: ["--disable-back-forward-cache"] });

/** The console's cookies that a browser holds for an address. */
async function cookiesOf(context: BrowserContext, url: string): Promise<string> {
  const cookies = await context.cookies(url.replace("http:", "https:"));
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** A page of somebody else's on a host, without any policy of the console's. */
async function hostile(page: Page, origin: string, html = "") {
  await page.route(`${origin}/evil`, (route) =>
    route.fulfill({ contentType: "text/html", body: `<h1>Evil</h1>${html}` }),
  );
  await page.goto(`${origin}/evil`);
  await page.getByRole("heading", { name: "Evil" }).waitFor();
}

describe("a page on a sibling's host", () => {
  let program: Program;
  beforeAll(async () => {
    // Below this apex the hosts of organizations are one site, so that no browser keeps cookies between them back.
    program = await start({}, "nexus.localhost");
  });
  afterAll(() => program?.stop());

  async function foundHere(page: Page): Promise<string> {
    const slug = unique("sibling");
    await page.goto("/sign-up");
    await page.getByLabel("Organization").fill(slug);
    await page.getByLabel("Your name").fill("Ada Lovelace");
    await page.getByLabel("E-mail address").fill(`${slug}@example.com`);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Create organization" }).click();
    await page.waitForURL((url) => url.hostname === `${slug}.nexus.localhost` && url.pathname === "/");
    await page.locator("h1").first().waitFor();
    return new URL(page.url()).origin;
  }

  /** What went over the wire to hosts of organizations, also where the page learns nothing of it. */
  async function listen(page: Page) {
    const wire = new Map<string, { status: number; cookies: string }>();
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    const of = (id: string) => wire.get(id) ?? wire.set(id, { status: 0, cookies: "" }).get(id);
    session.on("Network.requestWillBeSentExtraInfo", ({ requestId, headers }) =>
      Object.assign(of(requestId) ?? {}, { cookies: headers.Cookie ?? "" }),
    );
    session.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) =>
      Object.assign(of(requestId) ?? {}, { status: statusCode }),
    );
    return () => [...wire.values()];
  }

  test("sends the cookies of another host along, and is refused: nothing is read, changed or ended", async () => {
    const attacker = await visit({}, { baseURL: program.url });
    const sibling = await foundHere(attacker.page);
    // A page of the sibling's own making has no policy that would hold it back.
    const victim = await visit({}, { baseURL: program.url, bypassCSP: true });
    victim.expected.push("CORS policy", "frame-ancestors");
    const home = await foundHere(victim.page);

    const evil = await victim.context.newPage();
    const wire = await listen(evil);
    await evil.goto(`${sibling}/verify-email`);
    const outcomes = await evil.evaluate(async (api) => {
      const location = JSON.stringify({ code: "EVIL", name: "Evil" });
      const json = { "Content-Type": "application/json", "X-Console": "1" };
      const tries: [string, RequestInit][] = [
        ["locations", { method: "POST", mode: "no-cors", body: location }],
        ["locations", { method: "POST", mode: "cors", headers: json, body: location }],
        ["auth/session", { method: "DELETE", mode: "cors", headers: json }],
        ["auth/session/refresh", { method: "POST", mode: "no-cors" }],
        ["me", { mode: "cors" }],
        ["me", { mode: "no-cors" }],
      ];
      const all: string[] = [];
      for (const [path, init] of tries)
        all.push(
          await fetch(`${api}/${path}`, { credentials: "include", ...init }).then(
            () => "read",
            () => "refused",
          ),
        );
      document.body.innerHTML = `<iframe name="sink"></iframe>
        <form method="post" enctype="text/plain" target="sink" action="${api}/locations">
          <input name='{"code":"EVIL","name":"Evil","x":"' value='"}'>
        </form>`;
      document.forms[0]?.submit();
      return all;
    }, `${home}/api/v1`);
    expect(new Set(outcomes)).toEqual(new Set(["refused"]));

    // Two reads, two simple writes and the form; what needs to be asked for beforehand is not sent.
    await expect.poll(() => wire().filter(({ status }) => status === 403).length).toBe(5);
    expect(wire().every(({ cookies, status }) => (status === 403) === cookies.includes("__Host-nexus-access"))).toBe(
      true,
    );

    const after = await victim.page.evaluate(async () => {
      const read = async (path: string) => (await fetch(`/api/v1/${path}`)).json();
      return { me: await read("me"), evil: await read("locations?q=EVIL") };
    });
    expect(after.me.data.user.display_name).toBe("Ada Lovelace");
    expect(after.evil.data).toEqual([]);
  });

  test("what is refused says why", async () => {
    const { page, context } = await visit({}, { baseURL: program.url });
    const home = await foundHere(page);
    const Cookie = await cookiesOf(context, home);
    const headers = { Cookie, "Content-Type": "application/json", "X-Console": "1" };
    const write = (more: Record<string, string>) =>
      raw(home, "/api/v1/locations", { method: "POST", headers: { ...headers, ...more }, body: '{"name":"Evil"}' });
    const sibling = home.replace("://", "://other-");
    for (const more of [
      { Origin: sibling, "Sec-Fetch-Site": "same-site" },
      { Origin: home, "Sec-Fetch-Site": "same-site" },
      { Origin: sibling },
      { Origin: "null" },
      {},
    ]) {
      const answer = await write(more as Record<string, string>);
      expect([answer.status, codeOf(answer)]).toEqual([403, "CROSS_SITE"]);
    }
    const own = await write({ Origin: home, "Sec-Fetch-Site": "same-origin" });
    expect(own.status, own.body).not.toBe(403);
  });
});

describe("a cookie that was carried to another host", () => {
  test("opens neither a sibling's host nor the apex, and theirs don't open it", async () => {
    const [one, other] = [await found("one"), await found("other")];
    const { page, context } = await visit();
    await enterWorkspace(page, one);
    const apex = inject("url");
    const own = await cookiesOf(context, one.home);
    const account = await cookiesOf(context, apex);
    const me = (origin: string, Cookie: string) => raw(origin, "/api/v1/me", { headers: { Cookie } });
    expect((await me(one.home, own)).status).toBe(200);
    for (const stolen of [own, account]) {
      const answer = await me(other.home, stolen);
      expect([401, 403]).toContain(answer.status);
      expect(answer.body).not.toContain(one.email);
    }
    expect([401, 403]).toContain((await me(one.home, account)).status);
    const atApex = await raw(apex, "/api/v1/account", { headers: { Cookie: own } });
    expect([401, 403]).toContain(atApex.status);
    expect((await raw(apex, "/api/v1/account", { headers: { Cookie: account } })).status).toBe(200);

    const renewal = await raw(other.home, "/api/v1/auth/session/refresh", {
      method: "POST",
      headers: { Cookie: own, Origin: other.home, "X-Console": "1" },
    });
    expect([401, 403]).toContain(renewal.status);
    expect(renewal.headers["set-cookie"]?.join() ?? "", "no session comes of it").not.toMatch(/-access=[^;]/);
    expect((await me(one.home, own)).status, "and the session it was taken from goes on").toBe(200);
  });

  test("an operator's opens no organization, and a person's not the platform", async () => {
    const founder = await found("people");
    const { page, context } = await visit();
    await enterPlatform(page);
    const apex = inject("url");
    const operator = await cookiesOf(context, apex);
    expect((await raw(apex, "/api/v1/admin/overview", { headers: { Cookie: operator } })).status).toBe(200);
    for (const path of ["/api/v1/me", "/api/v1/tenants", "/api/v1/admin/overview"])
      expect([401, 403, 404]).toContain((await raw(founder.home, path, { headers: { Cookie: operator } })).status);

    const person = await visit();
    await enterWorkspace(person.page, founder);
    const account = await cookiesOf(person.context, apex);
    // The same values under the names that operators' cookies have.
    const renamed = account.replaceAll("__Host-nexus-", "__Host-nexus-operator-");
    for (const Cookie of [account, renamed])
      expect([401, 403]).toContain((await raw(apex, "/api/v1/admin/overview", { headers: { Cookie } })).status);
  });
});

describe("an address that somebody else made", () => {
  const ELSEWHERE = [
    "//evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/\\evil.example",
    "/.//evil.example",
    "/%2f%2fevil.example",
    "%2f%2fevil.example",
    "/\t/evil.example",
    "data:text/html,evil",
  ];

  /** Fails when the page asks another host for anything, or opens a dialog. */
  function watch(page: Page, hosts: string[]) {
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol.startsWith("http") ? !hosts.includes(host) : protocol !== "blob:") elsewhere.push(request.url());
    });
    page.on("dialog", (dialog) => {
      elsewhere.push(dialog.message());
      void dialog.dismiss();
    });
    return elsewhere;
  }

  test("log-in and hand-over lead to the organization's own host whatever is asked for", async () => {
    const founder = await found("inside");
    const { page } = await visit();
    const elsewhere = watch(page, [new URL(founder.home).host, new URL(inject("url")).host]);
    for (const next of ELSEWHERE) {
      const query = new URLSearchParams({ organization: founder.slug, next, return_to: next, redirect: next });
      await page.goto(`/log-in?${query}`);
      await page.getByLabel("E-mail address").fill(founder.email);
      await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.waitForURL((url) => url.origin === founder.home && url.pathname !== "/enter");
      await page.getByRole("main").first().waitFor();
    }
    expect(elsewhere).toEqual([]);
  });

  test("the arrival with a code stays on its host", async () => {
    const founder = await found("arrival");
    const { page } = await visit();
    await enterWorkspace(page, founder);
    const elsewhere = watch(page, [new URL(founder.home).host, new URL(inject("url")).host]);
    for (const next of ELSEWHERE) {
      await page.goto("/organizations");
      await page.getByRole("button", { name: founder.organization }).waitFor();
      const { code } = await handOver(page, founder);
      await page.goto(`${founder.home}/enter#${new URLSearchParams({ code, next })}`);
      await page.waitForURL((url) => url.origin === founder.home && url.pathname !== "/enter");
    }
    expect(elsewhere).toEqual([]);
  });

  test("operators' log-in stays on the apex, and links of mails lead nowhere else", async () => {
    const { page } = await visit();
    const apex = inject("url");
    const elsewhere = watch(page, [new URL(apex).host]);
    for (const next of ELSEWHERE.slice(0, 7)) {
      await page.goto(`/operator/log-in?${new URLSearchParams({ next })}`);
      await page.getByLabel("E-mail address").fill(inject("operator").email);
      await page.getByRole("textbox", { name: "Password" }).fill(inject("operator").password);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.waitForURL((url) => url.pathname !== "/operator/log-in");
      expect(new URL(page.url()).origin).toBe(apex);
    }
    for (const path of ["/verify-email", "/accept-invitation", "/reset-password"]) {
      const words = new URLSearchParams({
        next: "//evil.example",
        return_to: "//evil.example",
        token: "//evil.example",
      });
      await page.goto(`${path}?${words}#${words}`);
      await page.locator("h1").first().waitFor();
      expect(new URL(page.url()).origin).toBe(apex);
      const links = await page.locator("a").evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
      expect(links.filter((href) => href.includes("evil"))).toEqual([]);
    }
    expect(elsewhere).toEqual([]);
  });

  async function handOver(page: Page, { slug }: Founder): Promise<{ code: string }> {
    return page.evaluate(async (organization) => {
      const answer = await fetch("/api/v1/auth/session/hand-over", {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-Console": "1" },
        body: JSON.stringify({ organization }),
      });
      return (await answer.json()).data;
    }, slug);
  }
});

test("nobody shows the console within a page of theirs", async () => {
  const founder = await found("framed");
  const apex = inject("url");
  for (const [origin, path] of [
    [apex, "/"],
    [apex, "/log-in"],
    [apex, "/operator"],
    [apex, "/docs/"],
    [founder.home, "/"],
    [founder.home, "/api/v1/me"],
  ] as const) {
    const { headers } = await raw(origin, path);
    expect(headers["content-security-policy"], path).toContain("frame-ancestors 'none'");
  }
  const { page, expected } = await visit();
  expected.push("frame-ancestors");
  await enterWorkspace(page, founder);
  await hostile(
    page,
    "http://evil.localhost",
    `<iframe src="${founder.home}/"></iframe><iframe src="${apex}/log-in"></iframe>`,
  );
  await page.waitForLoadState("networkidle");
  const shown = page
    .frames()
    .slice(1)
    .map((frame) => frame.url());
  expect(shown).toEqual(["chrome-error://chromewebdata/", "chrome-error://chromewebdata/"]);
});

const sessionEnded = (page: Page) => page.getByRole("alertdialog", { name: "Your session has ended" });

describe("a session that ends while a form is half filled", () => {
  /** Logs in again in the tab that the dialog opens, which then closes by itself. */
  async function logInAgain(page: Page, context: BrowserContext, email: string, password: string) {
    const dialog = sessionEnded(page);
    await dialog.getByText("Your session has ended").waitFor();
    const [tab] = await Promise.all([
      context.waitForEvent("page"),
      dialog.getByRole("link", { name: "Log in again" }).click(),
    ]);
    await tab.getByLabel("E-mail address").fill(email);
    await tab.getByRole("textbox", { name: "Password" }).fill(password);
    await tab.getByRole("button", { name: "Log in" }).click();
    await dialog.waitFor({ state: "detached" });
    await expect.poll(() => tab.isClosed()).toBe(true);
  }

  test("by somebody who ended it elsewhere: what was typed stays, and is sent after logging in again", async () => {
    const founder = await found("halfway");
    // Who founds another organization must have proved an address.
    await prove(founder);
    const apex = inject("url");
    const { page, context } = await visit();
    await enterWorkspace(page, founder);
    await page.goto("/organizations/new");
    const slug = unique("second");
    await page.getByRole("textbox", { name: "Name" }).fill(slug);
    const ended = await raw(apex, "/api/v1/auth/session", {
      method: "DELETE",
      headers: { Cookie: await cookiesOf(context, apex), Origin: apex, "X-Console": "1" },
    });
    expect(ended.status).toBe(204);
    const account = async () => {
      const Cookie = await cookiesOf(context, apex);
      return (await raw(apex, "/api/v1/account", { headers: { Cookie } })).status;
    };
    await expect.poll(account).toBe(401);
    await page.getByRole("button", { name: "Create organization" }).click();
    await sessionEnded(page).waitFor();
    expect(await page.locator("input[name=name]").inputValue()).toBe(slug);
    await logInAgain(page, context, founder.email, PASSWORD);
    await page.waitForURL((url) => url.hostname === `${slug}.localhost` && url.pathname === "/");
  });

  test("by cookies that are gone: what was typed in a workspace is sent from where it stands", async () => {
    const founder = await found("typed");
    const { page, context } = await visit();
    await enterWorkspace(page, founder, "/tags");
    await page.getByRole("button", { name: "New tag" }).first().click();
    await page.getByRole("textbox", { name: "Name" }).fill("seasonal");
    await context.clearCookies();
    await page.getByRole("button", { name: "Create tag" }).click();
    await sessionEnded(page).waitFor();
    expect(await page.locator("input[name=name]").inputValue()).toBe("seasonal");
    await logInAgain(page, context, founder.email, PASSWORD);
    await page
      .getByRole("grid")
      .getByRole("row", { name: /seasonal/ })
      .waitFor();
    expect(page.url()).toBe(`${founder.home}/tags`);
  });

  test("by cookies that are gone: an operator's reason stays, and the tenant is suspended after all", async () => {
    const founder = await found("suspended");
    const operator = inject("operator");
    const { page, context } = await visit();
    await enterPlatform(page, operator, `/operator/tenants?q=${founder.slug}`);
    await page.getByRole("link", { name: founder.organization }).click();
    await page.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menuitem", { name: "Suspend" }).click();
    await page.getByLabel("Reason").fill("Unpaid since March");
    await context.clearCookies();
    await page.getByRole("button", { name: "Suspend" }).click();
    await sessionEnded(page).waitFor();
    expect(await page.locator("textarea").inputValue()).toBe("Unpaid since March");
    await logInAgain(page, context, operator.email, operator.password);
    await page.getByText("Suspended", { exact: true }).first().waitFor();
    await page.getByRole("status").getByText("Unpaid since March").waitFor();
  });
});

describe("after logging out", () => {
  /** Goes back as far as there is anything, and tells all that was shown on the way. */
  async function walkBack(page: Page, steps: number): Promise<string[]> {
    const seen: string[] = [];
    for (let step = 0; step < steps; step += 1) {
      await page.goBack({ waitUntil: "commit" }).catch(() => null);
      // What a copy shows, it shows at once; what is read anew comes before log-in stands there.
      await vi.waitFor(
        async () => {
          seen.push(await page.evaluate(() => document.getElementById("root")?.textContent ?? "").catch(() => ""));
          expect(await page.getByRole("button", { name: "Log in" }).isVisible()).toBe(true);
        },
        { timeout: 10_000, interval: 10 },
      );
    }
    return seen;
  }

  test("back shows nothing of an organization", async () => {
    const founder = await found("back");
    const { page } = await visitWithCopies();
    await enterWorkspace(page, founder);
    await page.getByText(founder.organization).first().waitFor();
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.waitForURL("**/log-in");
    await page.getByRole("button", { name: "Log in" }).waitFor();
    const seen = await walkBack(page, 2);
    expect(seen.filter((text) => text.includes(founder.organization))).toEqual([]);
    await page.getByRole("button", { name: "Log in" }).waitFor();
  });

  test("back shows nothing of the platform", async () => {
    const { page } = await visitWithCopies();
    await enterPlatform(page);
    await nav(page).getByRole("link", { name: "Plans", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Plans" }).waitFor();
    await page.getByRole("button", { name: "Your account" }).click();
    await page.getByRole("menuitem", { name: "Log out" }).click();
    await page.waitForURL("**/operator/log-in");
    await page.getByRole("button", { name: "Log in" }).waitFor();
    const seen = await walkBack(page, 2);
    expect(seen.filter((text) => /Tenants|Prices/.test(text))).toEqual([]);
    await page.getByRole("button", { name: "Log in" }).waitFor();
  });
});
