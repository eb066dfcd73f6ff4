/** What is known of an operation beside its steps. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useOperatorCan } from "@/app/operator-access";
import { Copyable, Facts, Moment, StatusBadge } from "@/ui";
import { isScheduled } from "./standing";

export function OperationFacts({ operation }: { operation: Schema<"InspectionOut"> }) {
  const { t } = useTranslation("operations");
  const can = useOperatorCan();
  const { tenant, requested_by, lease, next, failing_since } = operation;
  return (
    <Facts
      facts={[
        { label: t("slug"), value: <span className="code-text">{tenant.slug}</span> },
        { label: t("tenant_state"), value: <StatusBadge status={tenant.state} /> },
        {
          label: t("requested_by"),
          value: t(`requesters.${requested_by.kind as "user"}`, { defaultValue: requested_by.kind }),
        },
        { label: t("created_at"), value: <Moment at={operation.created_at} exact /> },
        operation.started_at != null && { label: t("started_at"), value: <Moment at={operation.started_at} exact /> },
        operation.finished_at != null && {
          label: t("finished_at"),
          value: <Moment at={operation.finished_at} exact />,
        },
        failing_since != null && { label: t("failing_since"), value: <Moment at={failing_since} /> },
        next != null && {
          label: t("next"),
          value: (
            <>
              {t(`actions.${next.action as "act"}`, {
                step: next.step ? t(`step_names.${next.step as "reserve"}`, { defaultValue: next.step }) : "",
                defaultValue: next.action,
              })}
              {Date.parse(next.due_at) > Date.now() && (
                <span className="block text-xs text-muted">
                  <Moment at={next.due_at} exact={isScheduled(operation)} />
                </span>
              )}
            </>
          ),
        },
        lease != null && { label: t("lease"), isLong: true, value: <Code>{lease.runner}</Code> },
        { label: t("id"), isLong: true, value: <Copyable text={operation.id} label={t("id")} isWrapped /> },
        {
          label: t("request_id"),
          isLong: true,
          value: can("platform.audit_logs.read") ? (
            <Link
              to="/operator/audit-logs"
              search={{ request_id: operation.request_id }}
              className="text-link underline underline-offset-2"
            >
              <Code>{operation.request_id}</Code>
            </Link>
          ) : (
            <Code>{operation.request_id}</Code>
          ),
        },
      ]}
    />
  );
}

function Code({ children }: { children: string }) {
  return <span className="code-text text-xs break-all">{children}</span>;
}
