/** The administration of the platform. */
import { useTranslation } from "react-i18next";
import { Logo } from "../Logo";
import { useOperatorSession } from "../operator-access";
import { mayOperator } from "../operator-rights";
import { navItems } from "../registry";
import { AccountMenu } from "./AccountMenu";
import { Shell } from "./Shell";

const items = navItems.filter((item) => item.area === "operator");

export function OperatorShell() {
  const { t } = useTranslation("app");
  const { operator } = useOperatorSession();
  return (
    <Shell
      area="operator"
      items={items}
      can={(permission) => mayOperator(operator.role, permission)}
      head={
        <div className="flex h-11 items-center gap-2 px-1.5">
          <Logo />
          <span className="ms-auto rounded-md bg-warning-soft px-1.5 py-0.5 text-xs font-medium text-warning-soft-foreground">
            {t("shell.platform")}
          </span>
        </div>
      }
      account={<AccountMenu name={operator.display_name} email={operator.email} area="operator" />}
    />
  );
}
