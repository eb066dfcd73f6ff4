/** Language and theme, for who is not logged in. Native controls: the first page should weigh little. */
import { useTranslation } from "react-i18next";
import { changeLanguage, LANGUAGES, type Language } from "@/i18n";
import { changeTheme, type Theme, useTheme } from "./theme";

const THEMES: Theme[] = ["system", "light", "dark"];
const LOOK =
  "h-9 max-w-36 rounded-lg border border-transparent bg-transparent px-2 text-muted hover:border-border hover:bg-surface hover:text-foreground";

export function Preferences() {
  const { t, i18n } = useTranslation("app");
  const theme = useTheme();
  return (
    <div className="flex gap-1">
      <select
        aria-label={t("account.theme")}
        value={theme}
        onChange={(event) => changeTheme(event.target.value as Theme)}
        className={LOOK}
      >
        {THEMES.map((one) => (
          <option key={one} value={one}>
            {t(`account.theme_${one}`)}
          </option>
        ))}
      </select>
      <select
        aria-label={t("account.language")}
        value={i18n.language}
        onChange={(event) => void changeLanguage(event.target.value as Language)}
        className={LOOK}
      >
        {LANGUAGES.map(({ code, name }) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
