/** Around the pages of roles: their two views. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate } from "@/app/access";
import { ButtonLink, Page } from "@/ui";

export function RolesFrame({ fill, children }: { fill?: boolean; children: ReactNode }) {
  const { t } = useTranslation("roles");
  return (
    <PageGate permission="roles.read">
      <Page
        title={t("title")}
        description={t("description")}
        fill={fill}
        actions={
          <PermissionGate permission="roles.write">
            <ButtonLink to="/roles" hash="new" variant="primary" icon="plus">
              {t("new")}
            </ButtonLink>
          </PermissionGate>
        }
        tabs={[
          { label: t("list"), link: { to: "/roles" } },
          { label: t("matrix"), link: { to: "/roles/matrix" } },
        ]}
      >
        {children}
      </Page>
    </PageGate>
  );
}
