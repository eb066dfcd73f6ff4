/** The administration of the platform. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Logo } from "../Logo";
import { navItems } from "../registry";
import { operatorQuery } from "../session";
import { AccountMenu } from "./AccountMenu";
import { Shell } from "./Shell";

const items = navItems.filter((item) => item.area === "operator");

export function OperatorShell() {
  const { t } = useTranslation("app");
  const { operator } = useSuspenseQuery(operatorQuery).data;
  return (
    <Shell
      area="operator"
      items={items}
      // What an operator may do is decided by the server; the console shows the whole area.
      can={() => true}
      head={
        <div className="flex h-11 items-center gap-2 px-1.5">
          <Logo />
          <span className="ms-auto rounded-md bg-warning-soft px-1.5 py-0.5 text-xs font-medium text-warning-soft-foreground">
            {t("shell.platform")}
          </span>
        </div>
      }
      account={<AccountMenu name={operator?.display_name ?? ""} email={operator?.email ?? ""} area="operator" />}
    />
  );
}
