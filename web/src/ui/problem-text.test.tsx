import { renderHook, waitFor } from "@testing-library/react";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import { ApiProblem } from "@/api";
import { startTexts } from "@/i18n";
import near from "./locales/en.json";
import { useProblemText } from "./problem-text";

const problem = (code: string, status: number, message = "As the server says it.") =>
  new ApiProblem(code, message, status, undefined, undefined, undefined);

describe("the words for a problem", () => {
  beforeAll(startTexts);

  const say = async (thrown: unknown) => {
    const { result } = renderHook(() => useProblemText());
    await waitFor(() => expect(i18next.hasResourceBundle("en", "errors")).toBe(true));
    return result.current(thrown);
  };

  it("are its code's, with what to do", async () => {
    expect(await say(problem("SLUG_TAKEN", 409))).toEqual({
      title: "Another organization has this address",
      advice: "Choose another address.",
    });
  });

  it("are the server's where the code is not known, with what its status advises", async () => {
    const text = await say(problem("SOMETHING_NEW", 403));
    expect(text).toEqual({ title: "As the server says it.", advice: near.errors.FORBIDDEN.advice });
  });

  it.each([
    [503, near.errors.SERVICE_UNAVAILABLE],
    [500, near.errors.INTERNAL_ERROR],
    [404, near.errors.NOT_FOUND],
    [418, near.errors.BAD_REQUEST],
  ])("are its class's where only a status came: %i", async (status, words) => {
    expect(await say(problem(`HTTP_${status}`, status))).toEqual(words);
  });

  it("never are those of a fault in the console itself", async () => {
    expect(await say(new Error("Cannot read properties of undefined"))).toEqual(near.errors.INTERNAL_ERROR);
  });
});
