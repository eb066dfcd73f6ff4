/** What the organization is called, how it writes and reckons, and what its plan grants. */
import { useTranslation } from "react-i18next";
import { PageGate } from "@/app/access";
import { Page } from "@/ui";
import { NamePart } from "./NamePart";
import { PlanPart } from "./PlanPart";
import { SettingsPart } from "./SettingsPart";

export function OrganizationPage() {
  const { t } = useTranslation("organization");
  return (
    <PageGate permission="settings.read">
      <Page title={t("title")}>
        <div className="grid max-w-4xl gap-5">
          <NamePart />
          <SettingsPart />
          <PlanPart />
        </div>
      </Page>
    </PageGate>
  );
}
