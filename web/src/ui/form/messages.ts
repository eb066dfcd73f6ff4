/** Faults of input in the language in use: zod tells what is wrong by code, the words are ours. */
import i18next from "i18next";
import { config } from "zod/mini";

/** Called once, before any form is checked. */
export function startMessages() {
  // Imported by itself: calls of `z` are left out of the build where their value is not used.
  config({ customError: (issue) => messageOf(issue as unknown as Issue) });
}

interface Issue {
  code: string;
  input?: unknown;
  expected?: string;
  origin?: string;
  minimum?: number | bigint;
  maximum?: number | bigint;
  format?: string;
}

function messageOf(issue: Issue): string {
  const t = i18next.getFixedT(null, "ui");
  const empty = issue.input === undefined || issue.input === null || issue.input === "";
  if (empty && (issue.code === "invalid_type" || issue.code === "too_small" || issue.code === "invalid_format"))
    return t("validation.required");
  const text = issue.origin === "string";
  if (issue.code === "too_small")
    return text
      ? t("validation.too_short", { count: Number(issue.minimum) })
      : issue.origin === "array"
        ? t("validation.too_few", { count: Number(issue.minimum) })
        : t("validation.too_low", { minimum: String(issue.minimum) });
  if (issue.code === "too_big")
    return text
      ? t("validation.too_long", { count: Number(issue.maximum) })
      : issue.origin === "array"
        ? t("validation.too_many", { count: Number(issue.maximum) })
        : t("validation.too_high", { maximum: String(issue.maximum) });
  if (issue.code === "invalid_format" && issue.format === "email") return t("validation.email");
  return t("validation.invalid");
}
