/** The workspace of one organization. */
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "../access";
import { navItems } from "../registry";
import { AccountMenu } from "./AccountMenu";
import { OrganizationSwitcher } from "./OrganizationSwitcher";
import { Shell } from "./Shell";
import { UnprovedAddress } from "./UnprovedAddress";

const items = navItems.filter((item) => item.area === "workspace");

export function WorkspaceShell() {
  const { t } = useTranslation("app");
  const me = useMe();
  const can = useCan();
  const readOnly = me.organization.state !== "active";
  return (
    <Shell
      area="workspace"
      items={items}
      can={can}
      head={<OrganizationSwitcher name={me.organization.name} slug={me.organization.slug} />}
      account={<AccountMenu name={me.user?.display_name ?? ""} email={me.user?.email ?? ""} area="workspace" />}
      banner={
        <>
          {readOnly && (
            <p role="status" className="bg-warning-soft px-4 py-2 text-center text-warning-soft-foreground">
              {t("shell.not_active")}
            </p>
          )}
          <UnprovedAddress />
        </>
      }
    />
  );
}
