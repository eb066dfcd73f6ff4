/** One tenant: how it stands and why, what was done to it, what it has, and what an operator can do about it. */
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useOperatorCan } from "@/app/operator-access";
import { ErrorPanel, Page, Section, SkeletonText, StatusBadge } from "@/ui";
import { EntityAudit } from "../platform-audit-logs/EntityAudit";
import { TenantActions } from "./TenantActions";
import { TenantFacts } from "./TenantFacts";
import { TenantHost } from "./TenantHost";
import { TenantOperations } from "./TenantOperations";
import { TenantReason } from "./TenantReason";
import { TenantSubscription } from "./TenantSubscription";
import { useTenant } from "./tenant";
import { useTenantOperations } from "./useTenantOperations";

export function TenantPage() {
  const { t } = useTranslation("tenants");
  const { id } = useParams({ from: "/operator/operator/tenants/$id" });
  const can = useOperatorCan();
  const loaded = useTenant(id);
  const operations = useTenantOperations(id);
  const breadcrumbs = [{ label: t("title"), link: { to: "/operator/tenants" } } as const];
  if (!loaded.data)
    return (
      <Page title={t("tenant")} breadcrumbs={breadcrumbs}>
        {loaded.error ? (
          <ErrorPanel error={loaded.error} onRetry={() => void loaded.refetch()} />
        ) : (
          <Section>
            <SkeletonText lines={8} />
          </Section>
        )}
      </Page>
    );
  const tenant = loaded.data;
  return (
    <Page
      title={tenant.name}
      mark={<StatusBadge status={tenant.state} />}
      breadcrumbs={breadcrumbs}
      description={<TenantHost tenant={tenant} />}
      actions={<TenantActions tenant={tenant} canRetry={operations.data?.[0]?.can_retry ?? false} />}
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="grid gap-4">
          <TenantReason tenant={tenant} />
          <TenantOperations operations={operations} tenant={id} />
          {can("platform.audit_logs.read") && <EntityAudit entity={id} />}
        </div>
        <div className="grid gap-4">
          <Section title={t("facts")}>
            <TenantFacts tenant={tenant} />
          </Section>
          <Section title={t("subscription")}>
            <TenantSubscription subscription={tenant.subscription ?? undefined} />
          </Section>
        </div>
      </div>
    </Page>
  );
}
