import { afterEach, expect, it } from "vitest";
import { keepLanguage } from "@/i18n/languages";
import { showUnreadable } from "./unreadable";

afterEach(() => localStorage.clear());

it.each([
  ["en", "ltr", "Load again"],
  ["de", "ltr", "Erneut laden"],
  ["ar", "rtl", "إعادة التحميل"],
] as const)("a page that could not begin says so in %s", (language, dir, again) => {
  keepLanguage(language);
  const root = document.createElement("div");
  showUnreadable(root);
  expect(document.documentElement.dir).toBe(dir);
  expect(root.querySelector("h1")?.textContent).not.toBe("");
  expect(root.querySelector("button")?.textContent).toBe(again);
});
