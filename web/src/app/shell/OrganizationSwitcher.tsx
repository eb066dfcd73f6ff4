/** Which organization this is, and the way to another. Each has its own host, so switching is a hand-over there. */
import { Button as AriaButton } from "react-aria-components/Button";
import { useTranslation } from "react-i18next";
import { Icon, Menu } from "@/ui";
import { useSite } from "../session";

export function OrganizationSwitcher({ name, slug }: { name: string; slug: string }) {
  const { t } = useTranslation("app");
  const apex = useSite()?.apexOrigin ?? "";
  return (
    <Menu
      label={t("shell.organization")}
      sections={[
        {
          id: "organizations",
          actions: [
            {
              id: "switch",
              label: t("shell.other_organization"),
              icon: "arrow-left-right",
              href: `${apex}/organizations`,
            },
            { id: "new", label: t("shell.new_organization"), icon: "plus", href: `${apex}/organizations/new` },
          ],
        },
      ]}
    >
      <AriaButton className="flex h-11 w-full items-center gap-2.5 rounded-lg px-1.5 text-start hover:bg-surface-tertiary data-focus-visible:ring-2 data-focus-visible:ring-focus">
        <span
          aria-hidden="true"
          className="inline-flex size-8 shrink-0 items-center justify-center rounded-lg bg-brand-panel font-semibold text-brand-panel-foreground"
        >
          {[...name][0]?.toUpperCase()}
        </span>
        <span className="min-w-0 flex-1 leading-tight">
          <span dir="auto" className="person-text block truncate font-semibold">
            {name}
          </span>
          <span className="person-text block truncate text-xs text-muted" dir="ltr">
            {slug}
          </span>
        </span>
        <Icon name="chevron-down" className="size-4 text-muted" />
      </AriaButton>
    </Menu>
  );
}
