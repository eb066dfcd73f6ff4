/** What somebody sees first: what is still to be set up, how things stand, what happened. */
import { useTranslation } from "react-i18next";
import { PermissionGate, useMe } from "@/app/access";
import { Page } from "@/ui";
import { Checklist } from "../onboarding/Checklist";
import { SampleData } from "../onboarding/SampleData";
import { Figures } from "./Figures";
import { LatestChanges } from "./LatestChanges";
import { LatestMovements } from "./LatestMovements";
import { LowPanel } from "./LowPanel";
import { MovementsPanel } from "./MovementsPanel";

export function DashboardPage() {
  const { t } = useTranslation("dashboard");
  const me = useMe();
  return (
    <Page
      title={t("title")}
      description={t("hello", { name: me.user?.display_name ?? "", organization: me.organization.name })}
    >
      <div className="grid gap-4">
        <Checklist />
        <SampleData />
        <Figures />
        <div className="grid items-start gap-4 *:min-w-0 xl:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <PermissionGate permission="inventory.read">
            <MovementsPanel />
            <LowPanel />
            <LatestMovements />
          </PermissionGate>
          <PermissionGate permission="audit_logs.read">
            <LatestChanges />
          </PermissionGate>
        </div>
      </div>
    </Page>
  );
}
