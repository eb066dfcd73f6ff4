/**
 * Texts by i18next. Each feature has its own namespace (`features/<slice>/locales/<language>.json`), read when it is first
 * used; `ui` belongs to the building blocks and `app` to the shell.
 */
import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";
import { isolated } from "./isolated";
import { initialLanguage, isLanguage, keepLanguage, LANGUAGES, type Language } from "./languages";

type Texts = { default: Record<string, unknown> };
/** What the first pages need is known at once; where the texts of the features lie is a list of its own. */
const near: Record<string, () => Promise<Texts>> = {
  ...import.meta.glob<Texts>("../ui/locales/*.json"),
  ...import.meta.glob<Texts>("../app/locales/*.json"),
  ...import.meta.glob<Texts>("../errors/locales/*.json"),
  ...import.meta.glob<Texts>("../features/auth/locales/*.json"),
};

async function textsOf(namespace: string, language: string): Promise<Texts> {
  const places = [`../${namespace}/locales/${language}.json`, `../features/${namespace}/locales/${language}.json`];
  const file =
    near[places[0] ?? ""] ?? near[places[1] ?? ""] ?? (await import("./feature-texts")).files[places[1] ?? ""];
  if (!file) throw new Error(`no texts of ${namespace} in ${language}`);
  return file();
}

const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read(language, namespace, done) {
    textsOf(namespace, language).then(
      (texts) => done(null, texts.default),
      (thrown) => done(thrown as Error, null),
    );
  },
};

function mark(language: string) {
  const known = LANGUAGES.find(({ code }) => code === language);
  document.documentElement.lang = language;
  document.documentElement.dir = known?.dir ?? "ltr";
}

export async function startTexts() {
  i18next.on("languageChanged", mark);
  await i18next
    .use(backend)
    .use(initReactI18next)
    .init({
      lng: initialLanguage(),
      fallbackLng: "en",
      supportedLngs: LANGUAGES.map(({ code }) => code),
      ns: ["ui", "app"],
      defaultNS: "ui",
      // React escapes what is shown; what is put into a sentence is only kept from turning it.
      interpolation: { escapeValue: true, escape: (value) => isolated(value, i18next.language) },
      react: { useSuspense: true },
    });
  const isThere = (namespace: string) =>
    [i18next.language, "en"].some((language) => i18next.hasResourceBundle(language, namespace));
  if (!isThere("ui") || !isThere("app")) throw new Error("the texts could not be read");
}

/** The language in use. */
export function language(): Language {
  return isLanguage(i18next.language) ? i18next.language : "en";
}

export async function changeLanguage(next: Language) {
  keepLanguage(next);
  await i18next.changeLanguage(next);
}

export { type Formats, useFormats } from "./formats";
export { LANGUAGES, type Language } from "./languages";
