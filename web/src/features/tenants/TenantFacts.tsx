/** What is known of a tenant beside its name and state. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useOperatorCan } from "@/app/operator-access";
import { Copyable, Facts, Moment } from "@/ui";

export function TenantFacts({ tenant }: { tenant: Schema<"TenantOut"> }) {
  const { t } = useTranslation("tenants");
  const can = useOperatorCan();
  const { founder_account_id: founder, activated_at, deleted_at, erase_after } = tenant;
  return (
    <Facts
      facts={[
        { label: t("slug"), value: <span className="code-text">{tenant.slug}</span> },
        tenant.server != null && { label: t("server"), value: <span className="code-text">{tenant.server}</span> },
        { label: t("schema_version"), value: <span className="tabular">{tenant.schema_version}</span> },
        founder != null && {
          label: t("founder"),
          isLong: true,
          value: (
            <>
              <Copyable text={founder} label={t("founder")} isWrapped />
              {can("platform.audit_logs.read") && (
                <Link
                  to="/operator/audit-logs"
                  search={{ subject_id: founder }}
                  className="block text-link underline underline-offset-2"
                >
                  {t("founder_audit")}
                </Link>
              )}
            </>
          ),
        },
        { label: t("created_at"), value: <Moment at={tenant.created_at} exact /> },
        activated_at != null && { label: t("activated_at"), value: <Moment at={activated_at} exact /> },
        deleted_at != null && { label: t("deleted_at"), value: <Moment at={deleted_at} exact /> },
        erase_after != null && { label: t("erase_after"), value: <Moment at={erase_after} exact /> },
        { label: t("updated_at"), value: <Moment at={tenant.updated_at} /> },
        { label: t("id"), isLong: true, value: <Copyable text={tenant.id} label={t("id")} isWrapped /> },
      ]}
    />
  );
}
