/** Who the operator is, and what the role admits. Operators are made and shut out on the command line alone. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useOperatorCan, useOperatorSession } from "@/app/operator-access";
import { PLATFORM_PERMISSIONS } from "@/app/operator-rights";
import { Facts, Icon, Moment, Page, Section } from "@/ui";

export function OperatorAccountPage() {
  const { t } = useTranslation("operator-account");
  const { operator, access_expires_at } = useOperatorSession();
  const can = useOperatorCan();
  return (
    <Page title={t("title")} description={t("text")}>
      <div className="grid max-w-4xl items-start gap-4 md:grid-cols-2">
        <Section
          title={t("person")}
          actions={
            can("platform.audit_logs.read") && (
              <Link
                to="/operator/audit-logs"
                search={{ actor_id: operator.id }}
                className="text-link underline underline-offset-2"
              >
                {t("own_audit")}
              </Link>
            )
          }
        >
          <Facts
            facts={[
              { label: t("display_name"), value: <span className="person-text">{operator.display_name}</span> },
              { label: t("email"), value: <span className="code-text break-all">{operator.email}</span> },
              {
                label: t("role"),
                value: t(`roles.${operator.role as "support"}`, { defaultValue: operator.role }),
              },
              operator.last_login_at != null && {
                label: t("last_login_at"),
                value: <Moment at={operator.last_login_at} exact />,
              },
              access_expires_at != null && { label: t("renewed_at"), value: <Moment at={access_expires_at} exact /> },
            ]}
          />
        </Section>
        <Section title={t("rights")}>
          <ul className="grid gap-2">
            {PLATFORM_PERMISSIONS.map((permission) => (
              <li key={permission} className={`flex items-start gap-2.5 ${can(permission) ? "" : "text-muted"}`}>
                <Icon
                  name={can(permission) ? "circle-check" : "minus"}
                  className={`mt-0.5 size-4.5 ${can(permission) ? "text-success" : ""}`}
                />
                <span>
                  {t(`permissions.${permission}`)}
                  <span className="sr-only"> ({can(permission) ? t("yes") : t("no")})</span>
                </span>
              </li>
            ))}
          </ul>
        </Section>
      </div>
    </Page>
  );
}
