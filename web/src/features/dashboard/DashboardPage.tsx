/** What somebody sees first. */
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/access";
import { Page } from "@/ui";

export function DashboardPage() {
  const { t } = useTranslation("dashboard");
  const me = useMe();
  return (
    <Page
      title={t("title")}
      description={t("hello", { name: me.user?.display_name ?? "", organization: me.organization.name })}
    >
      {null}
    </Page>
  );
}
