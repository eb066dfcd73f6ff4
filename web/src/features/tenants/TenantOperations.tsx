/** What was done to a tenant: the latest operation step by step as it goes on, the earlier ones by name. */
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { ButtonLink, ErrorPanel, Moment, Section, SkeletonText } from "@/ui";
import { OperationProgress } from "../operations/OperationProgress";
import { OperationState } from "../operations/OperationState";
import { StepsTimeline } from "../operations/StepsTimeline";
import { useInspection } from "../operations/useInspection";

type Operation = Schema<"OperationSummaryOut">;

export function TenantOperations({ operations, tenant }: { operations: UseQueryResult<Operation[]>; tenant: string }) {
  const { t } = useTranslation("tenants");
  const [latest, ...earlier] = operations.data ?? [];
  if (operations.error && !operations.data)
    return <ErrorPanel error={operations.error} onRetry={() => void operations.refetch()} compact />;
  if (!operations.data)
    return (
      <Section title={t("operations")}>
        <SkeletonText lines={6} />
      </Section>
    );
  if (!latest)
    return (
      <Section title={t("operations")}>
        <p className="text-muted">{t("no_operations")}</p>
      </Section>
    );
  return (
    <>
      <Latest key={latest.id} id={latest.id} />
      {earlier.length > 0 && (
        <Section
          title={t("earlier_operations")}
          flush
          actions={
            <Link
              to="/operator/operations"
              search={{ tenant_id: tenant }}
              className="text-link underline underline-offset-2"
            >
              {t("all_operations")}
            </Link>
          }
        >
          <ul className="divide-y divide-separator border-t border-separator">
            {earlier.map((operation) => (
              <li key={operation.id}>
                <Row operation={operation} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}

function Latest({ id }: { id: string }) {
  const { t } = useTranslation(["tenants", "operations"]);
  const inspection = useInspection(id);
  const operation = inspection.data;
  return (
    <Section
      title={t("latest_operation")}
      description={operation && <KindAndTime operation={operation} />}
      actions={
        <span className="flex flex-wrap items-center gap-2">
          {operation && <OperationState operation={operation} />}
          <ButtonLink to="/operator/operations/$id" params={{ id }} size="sm" variant="ghost">
            {t("show_operation")}
          </ButtonLink>
        </span>
      }
    >
      {inspection.error && <ErrorPanel error={inspection.error} onRetry={() => void inspection.refetch()} compact />}
      {inspection.isPending && <SkeletonText lines={8} />}
      {operation && (
        <>
          <OperationProgress operation={operation} />
          <StepsTimeline steps={operation.timeline} />
        </>
      )}
    </Section>
  );
}

function Row({ operation }: { operation: Operation }) {
  return (
    <Link
      to="/operator/operations/$id"
      params={{ id: operation.id }}
      className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-surface-secondary sm:px-5"
    >
      <KindAndTime operation={operation} />
      <OperationState operation={operation} />
    </Link>
  );
}

function KindAndTime({ operation }: { operation: Operation }) {
  const { t } = useTranslation("operations");
  return (
    <span>
      {t(`kinds.${operation.kind as "provision"}`, { defaultValue: operation.kind })}{" "}
      <span className="text-muted">
        · <Moment at={operation.created_at} />
      </span>
    </span>
  );
}
