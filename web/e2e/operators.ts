/** The platform's operators: on the screen, and for the API. */
import type { Page } from "playwright-core";
import { inject } from "vitest";
import { call } from "./people";

export interface Operator {
  email: string;
  password: string;
}

/** Logs in on the screen and waits for the administration of the platform. */
export async function enterPlatform(page: Page, operator: Operator = inject("operator"), path = "/operator") {
  await page.goto(`/operator/log-in?next=${encodeURIComponent(path)}`);
  await page.getByLabel("E-mail address").fill(operator.email);
  await page.getByRole("textbox", { name: "Password" }).fill(operator.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL((url) => url.pathname + url.search === path);
  await page.locator("h1").first().waitFor();
}

/** A token for the API. */
export async function operatorToken(operator: Operator = inject("operator")): Promise<string> {
  return (await call<{ access_token: string }>("POST", "/admin/auth/login", { body: operator })).access_token;
}
