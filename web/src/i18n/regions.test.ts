import { describe, expect, it } from "vitest";
import { currencyOption, findCurrencies, findLocales, findTimeZones, localeOption, timeZoneOption } from "./regions";

const ids = (all: { id: string }[]) => all.map(({ id }) => id);

describe("what can be chosen", () => {
  it("is found by words of its name in the language in use, and by its code", () => {
    expect(ids(findCurrencies("schweizer frank", "de"))).toContain("CHF");
    expect(ids(findCurrencies("chf", "en"))).toEqual(["CHF"]);
    expect(ids(findLocales("osterr", "de"))).toEqual(["de-AT"]);
    expect(ids(findTimeZones("new york", "en"))).toEqual(["America/New_York"]);
    expect(ids(findTimeZones("", "en"))[0]).toBe("UTC");
  });

  it("has its code for a name where the browser knows none", () => {
    expect(currencyOption("nonsense", "en")).toEqual({ id: "nonsense", label: "nonsense" });
    expect(timeZoneOption("Mars/Olympus", "en")).toMatchObject({ label: "Mars/Olympus", detail: undefined });
    expect(localeOption("!", "en").label).toBe("!");
  });
});
