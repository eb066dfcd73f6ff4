/** The way out of an empty panel, for whoever may take it. */
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { ButtonLink } from "@/ui";
import { PERMISSIONS } from "../inventory/permissions";

export function ReceiveLink() {
  const { t } = useTranslation("dashboard");
  return (
    <PermissionGate permission={PERMISSIONS.receive}>
      <ButtonLink to="/inventory/receive" icon="package-plus">
        {t("receive")}
      </ButtonLink>
    </PermissionGate>
  );
}
