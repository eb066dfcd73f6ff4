/** The person: their account, language, theme, the way out. */
import { useQueryClient } from "@tanstack/react-query";
import { Button as AriaButton } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { answer, api, sessionState, site } from "@/api";
import { changeLanguage, LANGUAGES } from "@/i18n";
import { initials, Menu, type MenuAction, toast } from "@/ui";
import { leave } from "../leave";
import { useSite } from "../session";
import { changeTheme, type Theme, useTheme } from "../theme";

const THEMES: { id: Theme; icon: "monitor" | "sun" | "moon" }[] = [
  { id: "system", icon: "monitor" },
  { id: "light", icon: "sun" },
  { id: "dark", icon: "moon" },
];

export function AccountMenu({ name, email, area }: { name: string; email: string; area: "workspace" | "operator" }) {
  const { t, i18n } = useTranslation("app");
  const theme = useTheme();
  const queries = useQueryClient();

  const logOut = async () => {
    try {
      await answer(area === "operator" ? api.DELETE("/api/v1/admin/auth/session") : api.DELETE("/api/v1/auth/session"));
    } catch (problem) {
      return toast.problem(problem);
    }
    sessionState.end();
    queries.clear();
    const { apexOrigin } = await site();
    leave(area === "operator" ? "/operator/log-in" : `${apexOrigin}/log-in`);
  };
  // A person's account is at home on the apex, which is told where to come back to.
  const here = useSite();
  const account = `${here?.apexOrigin ?? ""}/account${here?.slug ? `?organization=${here.slug}` : ""}`;
  const own: MenuAction[] = [
    {
      id: "account",
      label: t("account.own"),
      icon: "user-cog",
      href: area === "workspace" ? account : "/operator/account",
    },
  ];
  return (
    <Menu
      label={t("account.menu")}
      sections={[
        { id: "person", title: email, actions: own },
        {
          id: "theme",
          title: t("account.theme"),
          actions: THEMES.map(({ id, icon }) => ({
            id: `theme-${id}`,
            label: t(`account.theme_${id}`),
            icon,
            isChosen: theme === id,
            onAction: () => changeTheme(id),
          })),
        },
        {
          id: "language",
          title: t("account.language"),
          actions: LANGUAGES.map(({ code, name: own }) => ({
            id: `language-${code}`,
            label: own,
            icon: "languages" as const,
            isChosen: i18n.language === code,
            onAction: () => void changeLanguage(code),
          })),
        },
        {
          id: "out",
          actions: [{ id: "log-out", label: t("account.log_out"), icon: "log-out", onAction: () => void logOut() }],
        },
      ]}
    >
      <AriaButton className="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent-soft-foreground hover:bg-accent-soft-hover data-focus-visible:ring-2 data-focus-visible:ring-focus">
        <span aria-hidden="true">{initials(name || email)}</span>
        <span className="sr-only">{t("account.menu")}</span>
      </AriaButton>
    </Menu>
  );
}
