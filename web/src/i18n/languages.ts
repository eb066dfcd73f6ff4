/** The languages of the console, and how each is written. */
export const LANGUAGES = [
  { code: "en", name: "English", dir: "ltr" },
  { code: "de", name: "Deutsch", dir: "ltr" },
  // Figures in Latin digits in every language: they are compared with labels, papers and other systems.
  { code: "ar", name: "العربية", dir: "rtl" },
] as const;

export type Language = (typeof LANGUAGES)[number]["code"];

const KEPT = "nexus.language";

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some(({ code }) => code === value);
}

/** The language chosen on this device, else the first of the browser's that the console speaks. */
export function initialLanguage(): Language {
  const kept = localStorage.getItem(KEPT);
  if (isLanguage(kept)) return kept;
  const known = navigator.languages.map((tag) => tag.split("-")[0]).find(isLanguage);
  return known ?? "en";
}

export function keepLanguage(language: Language) {
  localStorage.setItem(KEPT, language);
}

/** The tag for `Intl` and React Aria: the browser's own region where it fits the language. */
export function formatTag(language: Language): string {
  if (language === "ar") return "ar-u-nu-latn";
  return navigator.languages.find((tag) => tag.startsWith(`${language}-`)) ?? language;
}
