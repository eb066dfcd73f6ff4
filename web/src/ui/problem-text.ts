/**
 * The words for a problem. The few that must be at hand without the network stand with the building blocks; the others are a
 * file of their own (`src/errors/locales`), read with the first page that may show one.
 */
import { useTranslation } from "react-i18next";
import { asProblem, type FieldFault } from "@/api";
import { useFormats } from "@/i18n";

/**
 * What is wrong with a field, by the server's code. Its own words are English and name figures, so English keeps them, and
 * every language does where the code is not known here.
 */
export function useFaultText(): (fault: FieldFault) => string {
  const { i18n } = useTranslation("ui");
  const { t } = useTranslation("errors", { useSuspense: false });
  return ({ code, message }) => {
    // With hyphens: `too_many` would be a plural form.
    const key = code.replaceAll("_", "-") as "required";
    const isKnown = i18n.exists(`errors:faults.${key}`);
    if (!isKnown || (message && i18n.language.startsWith("en"))) return message;
    return t(`faults.${key}`);
  };
}

/** By status, the code whose words do for a problem that has none of its own. */
const STAND_INS = {
  0: "INTERNAL_ERROR",
  401: "UNAUTHORIZED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  408: "TIMED_OUT",
  409: "CONFLICT",
  410: "NOT_FOUND",
  412: "PRECONDITION_FAILED",
  413: "PAYLOAD_TOO_LARGE",
  429: "RATE_LIMITED",
  502: "SERVICE_UNAVAILABLE",
  503: "SERVICE_UNAVAILABLE",
  504: "TIMED_OUT",
} as const;

function standIn(status: number) {
  return STAND_INS[status as keyof typeof STAND_INS] ?? (status >= 500 ? "INTERNAL_ERROR" : "BAD_REQUEST");
}

/** Codes of this side, whose messages are made for developers. */
const isOwn = (code: string) => code === "CONSOLE_FAULT" || code.startsWith("HTTP_");

/** Title and advice of a problem in the language in use; the server's own words where its code is not known here. */
export function useProblemText(): (thrown: unknown) => { title: string; advice: string | undefined } {
  const { t, i18n } = useTranslation("ui");
  // Its words may come a moment later; nothing waits for them.
  const further = useTranslation("errors", { useSuspense: false });
  const formats = useFormats();
  return (thrown) => {
    const problem = asProblem(thrown);
    if (problem.code === "RATE_LIMITED" && problem.retryAfter)
      return {
        title: t("errors.RATE_LIMITED.title"),
        advice: t("error.after", { time: formats.duration(problem.retryAfter) }),
      };
    if (problem.inFlight) return { title: t("error.in_flight"), advice: t("error.in_flight_advice") };
    const near = problem.code as "NOT_FOUND";
    if (i18n.exists(`ui:errors.${near}.title`))
      return { title: t(`errors.${near}.title`), advice: t(`errors.${near}.advice`) };
    const far = problem.code as "SKU_TAKEN";
    if (i18n.exists(`errors:${far}`)) return { title: further.t(far), advice: further.t(`${far}_advice`) };
    const kind = standIn(problem.status);
    return {
      title: (!isOwn(problem.code) && problem.message) || t(`errors.${kind}.title`),
      advice: t(`errors.${kind}.advice`),
    };
  };
}
