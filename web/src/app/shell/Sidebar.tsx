/** Where one can go, by groups; only what the person may see. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { language } from "@/i18n";
import { Icon } from "@/ui";
import type { NavGroup, NavItem } from "../registry";

const GROUPS: NavGroup[] = ["work", "catalogue", "stock", "settings", "platform"];

interface Props {
  items: NavItem[];
  can: (permission: string) => boolean;
  head: ReactNode;
}

export function Sidebar({ items, can, head }: Props) {
  const { t } = useTranslation("app");
  const lang = language();
  const shown = items.filter((item) => !item.permission || can(item.permission));
  return (
    <>
      <div className="p-3">{head}</div>
      <nav aria-label={t("shell.navigation")} className="flex-1 scrollbar overflow-y-auto px-3 pb-4">
        {GROUPS.map((group) => {
          const own = shown.filter((item) => item.group === group);
          if (own.length === 0) return null;
          return (
            <div key={group} className="mt-3 first:mt-1">
              <h2 className="px-2.5 pb-1 text-xs font-medium text-muted">{t(`nav.${group}`)}</h2>
              <ul className="grid gap-0.5">
                {own.map((item) => (
                  <li key={item.to}>
                    <Link
                      to={item.to}
                      activeOptions={{ exact: item.isExact ?? false, includeSearch: false }}
                      className="flex h-9 items-center gap-2.5 rounded-lg px-2.5 font-medium text-muted hover:bg-surface-tertiary hover:text-foreground"
                      activeProps={{
                        className: "!bg-sidebar-active !text-foreground shadow-surface",
                        "aria-current": "page",
                      }}
                    >
                      <Icon name={item.icon} className="size-4.5" />
                      <span className="truncate">{item.label[lang]}</span>
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </nav>
    </>
  );
}
