/** People of an organization: invited with a role, held to it, given another, shut out. */
import type { Page, Response } from "playwright-core";
import { expect, test } from "vitest";
import { nav, visitors } from "./browser";
import { isFocused } from "./keys";
import {
  call,
  enterWorkspace,
  type Founder,
  found,
  hold,
  joinWith,
  logIn,
  mailTo,
  PASSWORD,
  prove,
  undo,
  unique,
} from "./people";
import { quiet } from "./quiet";

const visit = visitors();

/** What a page calls things that change something. */
const CHANGING = /^(New|Add|Create|Make|Invite|Edit|Delete|Remove|Save|Import|Receive|Issue|Correct|Transfer|Load)\b/;
const CLOSED = ["/users", "/invitations", "/roles", "/roles/matrix", "/api-keys", "/audit-logs"];

async function provedFounder(prefix: string): Promise<Founder> {
  const founder = await found(prefix);
  await prove(founder);
  return founder;
}

/** Follows the link of an invitation's mail into the workspace, as somebody new. */
async function accept(page: Page, email: string, name: string, home: string) {
  const link = /http\S+\/accept-invitation#token=\S+/.exec(await mailTo(email, "/accept-invitation#"))?.[0] ?? "";
  await page.goto(link);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Accept and open the workspace" }).click();
  await page.waitForURL((url) => url.origin === home && url.pathname === "/");
  await page.locator("h1").first().waitFor();
}

/** Somebody who joined with these roles, by the API alone. */
async function join(founder: Founder, roles: string[]) {
  const email = `${unique("member")}@example.com`;
  await call("POST", "/invitations", { body: { email, roles }, token: founder.token, slug: founder.slug });
  const token = /#token=(\S+)/.exec(await mailTo(email, "/accept-invitation#"))?.[1];
  const body = { token, password: PASSWORD, display_name: "Grace Hopper" };
  const tokens = await call<{ access_token: string }>("POST", "/auth/invitations/accept", { body });
  const joined = { token: tokens.access_token, slug: founder.slug, body: {} };
  const { id } = await call<{ id: string }>("POST", "/invitations/accept", joined);
  return { id, email, slug: founder.slug, home: founder.home };
}

test("a viewer finds nothing that is not theirs, a role bites with the next click, and whoever is deactivated is out", async () => {
  const founder = await provedFounder("people");
  const email = `${unique("grace")}@example.com`;
  const owner = (await visit()).page;
  await enterWorkspace(owner, founder, "/users");
  await owner
    .getByRole("row", { name: /Ada Lovelace/ })
    .getByText("You")
    .waitFor();
  await owner.getByRole("button", { name: "Invite" }).click();
  const drawer = owner.getByRole("dialog", { name: "Invite somebody" });
  await drawer.getByLabel("E-mail address").fill(email);
  await drawer.getByRole("checkbox", { name: "Viewer" }).check();
  await drawer.getByRole("button", { name: "Send invitation" }).click();
  await owner.getByText(`The invitation to ${email} is on its way`).waitFor();
  await owner.getByRole("row", { name: email }).getByText("Invited").waitFor();

  const { page: member } = await visit();
  const refusals: string[] = [];
  const isRefused = (response: Response) => response.status() === 403 && response.url().startsWith(founder.home);
  member.on("response", (response) => isRefused(response) && refusals.push(response.url()));
  await accept(member, email, "Grace Hopper", founder.home);
  const places = await nav(member)
    .getByRole("link")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  expect(places).toContain("/organization");
  expect(places.filter((place) => CLOSED.includes(place))).toEqual([]);
  for (const place of places) {
    await nav(member).locator(`a[href="${place}"]`).click();
    await member.locator("h1").first().waitFor();
    await quiet(member);
    const controls = await member.locator("main").getByRole("button").or(member.locator("main a")).allInnerTexts();
    expect(controls.filter((text) => CHANGING.test(text.trim()), place)).toEqual([]);
  }
  expect(refusals, "nothing forbidden is asked for").toEqual([]);
  for (const place of CLOSED) {
    await member.goto(founder.home + place);
    await member.getByRole("heading", { name: "This page is not for you" }).waitFor();
  }
  const token = await logIn(email, founder.slug);
  const asMember = { token, slug: founder.slug };
  await expect(call("GET", "/users", asMember)).rejects.toThrow("403");
  await expect(call("POST", "/invitations", { ...asMember, body: { email, roles: ["viewer"] } })).rejects.toThrow(
    "403",
  );

  await member.goto(`${founder.home}/organization`);
  await owner.reload();
  await owner.getByRole("link", { name: "Grace Hopper" }).click();
  await owner.getByRole("checkbox", { name: "Manager" }).check();
  await owner.getByRole("checkbox", { name: "Viewer" }).uncheck();
  await owner.getByRole("button", { name: "Save roles" }).click();
  await hold(owner, "The roles of Grace Hopper are changed");
  await nav(member).getByRole("link", { name: "Start" }).click();
  await nav(member).getByRole("link", { name: "Members" }).click();
  await member.getByRole("row", { name: /Ada Lovelace/ }).waitFor();
  expect(await member.getByRole("button", { name: "Invite" }).count()).toBe(0);

  await undo(owner, "The roles of Grace Hopper are changed");
  await expect.poll(() => owner.getByRole("checkbox", { name: "Viewer" }).isChecked()).toBe(true);
  await expect.poll(() => call("GET", "/roles", asMember).catch(String)).toContain("403");
  await nav(member).getByRole("link", { name: "Roles" }).click();
  await member.getByRole("heading", { name: "This page is not for you" }).waitFor();
  await nav(member).getByRole("link", { name: "Roles" }).waitFor({ state: "detached" });

  await owner.getByRole("button", { name: "Actions for Grace Hopper" }).click();
  await owner.getByRole("menuitem", { name: "Deactivate" }).click();
  await hold(owner, "Grace Hopper is deactivated and shut out");
  await nav(member).getByRole("link", { name: "Start" }).click();
  await member.waitForURL((url) => url.origin !== founder.home && url.pathname === "/organizations");
  await member.getByText(`You don't belong to ${founder.slug}`).waitFor();
  await expect(call("GET", "/me", asMember)).rejects.toThrow("403");

  await undo(owner, "Grace Hopper is deactivated");
  await expect.poll(() => call("GET", "/me", asMember).then(() => "in")).toBe("in");
});

test("the last owner stays one, and is told why", async () => {
  const founder = await provedFounder("last");
  const { page } = await visit();
  await enterWorkspace(page, founder, "/users");
  await page.getByRole("link", { name: "Ada Lovelace" }).click();
  await page.getByRole("checkbox", { name: "Owner" }).uncheck();
  await page.getByRole("button", { name: "Save roles" }).click();
  await page.getByText("The organization needs an active owner").waitFor();
  await page.getByText("Make somebody else an owner first").waitFor();
});

test("a role is made, set and given by keyboard alone, and lets in what it says", async () => {
  const founder = await provedFounder("roles");
  const member = await join(founder, ["viewer"]);
  const { page } = await visit();
  await enterWorkspace(page, founder);
  const press = (key: string) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.cell);
  const tabTo = async (isThere: () => Promise<unknown>) => {
    for (let left = 60; !(await isThere()) && left > 0; left -= 1) await press("Tab");
  };
  const isOn = (text: string) => page.evaluate((wanted) => document.activeElement?.textContent === wanted, text);

  await press("Control+k");
  await expect.poll(() => isFocused(page.getByRole("searchbox"))).toBe(true);
  await page.keyboard.type("new role");
  await page.getByRole("menuitem", { name: "New role" }).waitFor();
  await press("Enter");
  await page.getByRole("dialog", { name: "New role" }).waitFor();
  await page.keyboard.type("Auditor");
  await press("Enter");
  await page.getByRole("columnheader", { name: "Auditor" }).waitFor();

  await tabTo(async () => (await focused()) !== undefined);
  await press("Control+Home");
  await press("End");
  const heads = await page.getByRole("rowheader").allInnerTexts();
  const row = heads.filter((text) => /[a-z]\.[a-z]/.test(text)).findIndex((text) => text.includes("audit_logs.read"));
  for (let step = 0; step < row; step += 1) await press("ArrowDown");
  await press(" ");
  await page.getByRole("button", { name: /^Auditor: Read the audit log – Allowed/ }).waitFor();
  await page.getByText("1 change not saved yet").waitFor();
  await tabTo(() => isOn("Save"));
  await press("Enter");
  await page.getByText("“Auditor” is saved").waitFor();

  await press("Control+k");
  await expect.poll(() => isFocused(page.getByRole("searchbox"))).toBe(true);
  await page.keyboard.type("grace");
  await page.getByRole("menuitem", { name: /Grace Hopper/ }).waitFor();
  await press("Enter");
  const box = page.getByRole("checkbox", { name: "Auditor" });
  await box.waitFor();
  await tabTo(() => box.evaluate((element) => element === document.activeElement));
  await press(" ");
  await press("Tab");
  await press("Enter");
  await page.getByText("The roles of Grace Hopper are changed").waitFor();
  await page.getByText("Allowed by Auditor").waitFor();

  const { page: theirs } = await visit();
  await enterWorkspace(theirs, member, "/audit-logs");
  await theirs.getByText("Role created").first().waitFor();
  expect(await nav(theirs).getByRole("link", { name: "Roles" }).count()).toBe(0);
});

test("two who change the same role see each other's changes, and none is lost", async () => {
  const founder = await provedFounder("conflict");
  const { token, slug } = founder;
  const role = await call<{ id: string; version: number }>("POST", "/roles", {
    body: { key: "picker", name: "Picker", allow: ["inventory.read"] },
    token,
    slug,
  });
  const { page } = await visit();
  await enterWorkspace(page, founder, "/roles/matrix");
  await page.getByRole("button", { name: /^Picker: Correct stock levels – Not named/ }).click();
  await call("PUT", `/roles/${role.id}/permissions`, {
    body: { allow: ["inventory.read", "locations.read"], deny: [] },
    headers: { "If-Match": `"${role.version}"` },
    token,
    slug,
  });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Somebody else changed this meanwhile").waitFor();
  await page.getByRole("button", { name: "Save mine" }).click();
  await page.getByText("“Picker” is saved").waitFor();
  const after = await call<{ grants: { permission: string }[] }>("GET", `/roles/${role.id}`, { token, slug });
  expect(after.grants.map(({ permission }) => permission).sort()).toEqual([
    "inventory.adjust",
    "inventory.read",
    "locations.read",
  ]);
});

test("what can be done with members is in sight beside all that is told of them", async () => {
  const founder = await provedFounder("fits");
  await join(founder, ["viewer"]);
  const { page } = await visit();
  for (const path of ["/users", "/invitations"]) {
    await (path === "/users" ? enterWorkspace(page, founder, path) : page.goto(`${founder.home}${path}`));
    const grid = page.getByRole("grid");
    await grid.getByRole("row").nth(1).waitFor();
    await page.screenshot({ path: `e2e/out/fits${path.replace("/", "-")}.png` });
    expect(await grid.evaluate((element) => element.scrollWidth - element.clientWidth), path).toBeLessThanOrEqual(0);
  }
});

test("people beyond those read at once are named in the log, and found by its filter", async () => {
  const founder = await found("beyond");
  const reader = await joinWith(founder, ["audit_logs.read", "users.read"]);
  const { page } = await visit();
  // As though they came after the first two hundred.
  await page.route(
    (url) => url.pathname === "/api/v1/users" && url.searchParams.get("limit") === "200",
    (route) => route.fulfill({ json: { data: [], metadata: {} } }),
  );
  await enterWorkspace(page, reader, "/audit-logs");
  await page
    .getByRole("row", { name: /Ada Lovelace/ })
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Who", exact: true }).first().click();
  await page.getByRole("searchbox", { name: "Who" }).fill("ada");
  await page.getByRole("option", { name: /Ada Lovelace/ }).click();
  await page.keyboard.press("Escape");
  await page.waitForURL((url) => url.searchParams.has("actor_id"));
  await page.reload();
  await page.getByRole("button", { name: "Who: Ada Lovelace" }).waitFor();
});
