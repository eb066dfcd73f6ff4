/** The workspace of one organization. */
import { useSuspenseQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "../access";
import { navItems } from "../registry";
import { meQuery, shutOutUrl, useSite } from "../session";
import { AccountMenu } from "./AccountMenu";
import { OrganizationSwitcher } from "./OrganizationSwitcher";
import { Shell } from "./Shell";
import { UnprovedAddress } from "./UnprovedAddress";

const items = navItems.filter((item) => item.area === "workspace");

export function WorkspaceShell() {
  const { t } = useTranslation("app");
  const me = useMe();
  const can = useCan();
  useShutOut(me.organization.slug);
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

/** Whoever is deactivated or removed while at work is shown out at the first thing they try. */
function useShutOut(slug: string) {
  const isOut = useSuspenseQuery(meQuery).error?.code === "NOT_A_MEMBER";
  const apexOrigin = useSite()?.apexOrigin;
  useEffect(() => {
    if (isOut && apexOrigin) location.assign(shutOutUrl(apexOrigin, slug));
  }, [isOut, apexOrigin, slug]);
}
