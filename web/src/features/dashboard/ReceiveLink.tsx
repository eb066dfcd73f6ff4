/** The way out of an empty panel, for whoever may take it. */
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { ButtonLink } from "@/ui";

export function ReceiveLink() {
  const { t } = useTranslation("dashboard");
  return (
    <PermissionGate permission="inventory.receive">
      <ButtonLink to="/inventory/receive" icon="package-plus">
        {t("receive")}
      </ButtonLink>
    </PermissionGate>
  );
}
