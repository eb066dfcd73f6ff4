/** What tests need before they begin: organizations, people, sessions. Made by the API, so that only what is tested is clicked. */
import { randomBytes } from "node:crypto";
import type { Page } from "playwright-core";
import { expect, inject, vi } from "vitest";

export const PASSWORD = "correct horse battery staple";

export interface Founder {
  slug: string;
  organization: string;
  email: string;
  /** For the API, as this person in this organization. */
  token: string;
  /** The address of the organization's host. */
  home: string;
}

export function unique(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}

interface Call {
  body?: unknown;
  token?: string;
  slug?: string;
  headers?: Record<string, string>;
}

/** Calls the API; an organization's by its name in `X-Tenant`, since Node can't resolve hosts below localhost. */
export async function call<T = unknown>(
  method: string,
  path: string,
  { body, token, slug, headers }: Call = {},
): Promise<T> {
  const response = await fetch(new URL(`/api/v1${path}`, inject("url")), {
    method,
    headers: {
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(slug ? { "X-Tenant": slug } : {}),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? (JSON.parse(text).data as T) : (undefined as T);
}

/** An organization that is ready, with its owner. */
export async function found(
  prefix = "org",
  more: { slug?: string; organization?: string; plan?: string } = {},
): Promise<Founder> {
  const slug = more.slug ?? unique(prefix);
  const email = `${slug}@example.com`;
  const organization = more.organization ?? `Acme ${slug}`;
  const founded = await call<{ capability: string; operation: { id: string } }>("POST", "/signup", {
    body: { organization, slug, email, password: PASSWORD, display_name: "Ada Lovelace", plan: more.plan },
  });
  const state = async () =>
    (await call<{ state: string }>("GET", `/operations/${founded.operation.id}`, { token: founded.capability })).state;
  await vi.waitFor(async () => expect(await state()).toBe("succeeded"), { timeout: 30_000, interval: 100 });
  const token = await logIn(email, slug);
  const home = new URL(inject("url"));
  home.hostname = `${slug}.${home.hostname}`;
  return { slug, organization, email, token, home: home.origin };
}

/** A token for the API. */
export async function logIn(email: string, slug: string, password = PASSWORD): Promise<string> {
  const body = { email, password, organization: slug };
  return (await call<{ access_token: string }>("POST", "/auth/login", { body })).access_token;
}

/** Proves the founder's address by the link in the mail of the sign-up; the token knows of it. */
export async function prove(founder: Founder) {
  const token = /#token=(\S+)/.exec(await mailTo(founder.email, "/verify-email#"))?.[1];
  await call("POST", "/auth/verify-email", { body: { token } });
  founder.token = await logIn(founder.email, founder.slug);
}

/** Logs in on the screen and waits for the workspace. */
export async function enterWorkspace(page: Page, founder: Pick<Founder, "slug" | "email" | "home">, path = "/") {
  await page.goto(`/log-in?organization=${founder.slug}${path === "/" ? "" : `&next=${encodeURIComponent(path)}`}`);
  await page.getByLabel("E-mail address").fill(founder.email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => url.origin === founder.home && url.pathname !== "/enter");
  await page.locator("h1").first().waitFor();
}

const noticeOf = (page: Page, text: string) => page.getByRole("alertdialog").filter({ hasText: text });

/** Waits for a notice, and keeps it from going away: notices stay while the pointer is on them. */
export async function hold(page: Page, notice: string) {
  await noticeOf(page, notice).hover();
}

/** Takes back what a notice tells of. */
export async function undo(page: Page, notice: string) {
  await noticeOf(page, notice).getByRole("button", { name: "Undo" }).click();
}

/** The newest mail to an address whose text has `part`, once there is one. */
export async function mailTo(email: string, part: string): Promise<string> {
  const find = async () => {
    const answer = await fetch(new URL("/dev/mail.json", inject("url")));
    const mails = (await answer.json()) as { data: { to: string[]; text?: string }[] };
    return mails.data.find((mail) => mail.to.includes(email) && mail.text?.includes(part))?.text ?? "";
  };
  return vi.waitFor(
    async () => {
      const text = await find();
      expect(text).toContain(part);
      return text;
    },
    { timeout: 20_000, interval: 200 },
  );
}

/** Invites an address, and gives the link that it is mailed. */
export async function invite(founder: Founder, email: string, role: string): Promise<string> {
  // Who invites must have proved an address.
  await prove(founder);
  await call("POST", "/invitations", { body: { email, roles: [role] }, token: founder.token, slug: founder.slug });
  return /http\S+\/accept-invitation#token=\S+/.exec(await mailTo(email, "/accept-invitation#"))?.[0] ?? "";
}

/** Somebody in the organization who may do exactly this. */
export async function joinWith(founder: Founder, allow: string[]): Promise<Pick<Founder, "slug" | "email" | "home">> {
  const { slug, home } = founder;
  const key = unique("role").replace("-", "_");
  await call("POST", "/roles", { body: { key, name: key, allow, deny: [] }, token: founder.token, slug });
  const email = `${unique("member")}@example.com`;
  const [, token] = /#token=(\S+)/.exec(await invite(founder, email, key)) ?? [];
  const tokens = await call<{ access_token: string }>("POST", "/auth/invitations/accept", {
    body: { token, display_name: "Grace Hopper", password: PASSWORD },
  });
  await call("POST", "/invitations/accept", { body: {}, token: tokens.access_token, slug });
  // The control plane hears of a new member a moment later.
  await vi.waitFor(() => logIn(email, slug), { timeout: 10_000, interval: 200 });
  return { slug, email, home };
}
