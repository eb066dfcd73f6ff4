/** Time zones, currencies and languages with their names, by `Intl`: what the browser knows is what can be chosen. */

export interface Region {
  id: string;
  label: string;
  detail?: string;
}

/** The languages that the platform speaks, as they are written in different places. */
const LOCALES = [
  ...["en", "en-GB", "en-IE", "en-US", "en-CA", "en-AU", "en-NZ", "en-IN", "en-ZA"],
  ...["de", "de-DE", "de-AT", "de-CH", "de-LI", "de-LU"],
  ...[
    "ar",
    "ar-EG",
    "ar-SA",
    "ar-AE",
    "ar-BH",
    "ar-DZ",
    "ar-IQ",
    "ar-JO",
    "ar-KW",
    "ar-LB",
    "ar-MA",
    "ar-OM",
    "ar-QA",
    "ar-TN",
  ],
];
const MOST = 60;

export function localeOption(id: string, tag: string): Region {
  return { id, label: named(() => new Intl.DisplayNames([tag], { type: "language" }).of(id)) ?? id, detail: id };
}

export function currencyOption(id: string, tag: string): Region {
  const name = named(() => new Intl.DisplayNames([tag], { type: "currency" }).of(id));
  return { id, label: name && name !== id ? `${id} · ${name}` : id };
}

export function timeZoneOption(id: string, tag: string): Region {
  const parts = named(() =>
    new Intl.DateTimeFormat(tag, { timeZone: id, timeZoneName: "longOffset" })
      .formatToParts(new Date())
      .find((part) => part.type === "timeZoneName"),
  );
  return { id, label: id.replaceAll("_", " "), detail: parts?.value };
}

export const findLocales = (text: string, tag: string) =>
  found(
    LOCALES.map((id) => localeOption(id, tag)),
    text,
  );

export const findCurrencies = (text: string, tag: string) =>
  found(
    Intl.supportedValuesOf("currency").map((id) => currencyOption(id, tag)),
    text,
  );

export const findTimeZones = (text: string, tag: string) =>
  found(
    // Some browsers leave out the one that is everybody's.
    [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])].map((id) => ({ id, label: id.replaceAll("_", " ") })),
    text,
  ).map(({ id }) => timeZoneOption(id, tag));

/** Every word typed is in it somewhere. */
function found(all: Region[], text: string): Region[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return all
    .filter((one) => {
      const said = plain(`${one.id} ${one.label}`);
      return words.every((word) => said.includes(word));
    })
    .slice(0, MOST);
}

function plain(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

/** `Intl` throws at what it does not know; a value of the server's may be such. */
function named<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
