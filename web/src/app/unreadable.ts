/** What is said where the console could not begin: neither its pages nor its texts are at hand, so the words stand here. */
import { initialLanguage, LANGUAGES, type Language } from "@/i18n/languages";

const WORDS: Record<Language, { title: string; text: string; again: string }> = {
  en: {
    title: "The console could not be loaded",
    text: "A part of it could not be read. Check your connection, then load the page again.",
    again: "Load again",
  },
  de: {
    title: "Die Konsole konnte nicht geladen werden",
    text: "Ein Teil davon war nicht lesbar. Prüfen Sie Ihre Verbindung und laden Sie die Seite dann erneut.",
    again: "Erneut laden",
  },
  ar: {
    title: "تعذّر تحميل لوحة التحكم",
    text: "تعذّرت قراءة جزء منها. تحقق من اتصالك ثم أعد تحميل الصفحة.",
    again: "إعادة التحميل",
  },
};

export function showUnreadable(root: HTMLElement) {
  const language = initialLanguage();
  const { title, text, again } = WORDS[language];
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES.find(({ code }) => code === language)?.dir ?? "ltr";
  const main = element("main", "mx-auto grid min-h-dvh max-w-md content-center justify-items-start gap-4 p-6");
  main.setAttribute("role", "alert");
  const button = element("button", "button button--primary", again);
  button.addEventListener("click", () => location.reload());
  main.append(element("h1", "text-xl font-semibold", title), element("p", "text-pretty text-muted", text), button);
  root.replaceChildren(main);
}

function element(name: "main" | "h1" | "p" | "button", className: string, text = ""): HTMLElement {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
