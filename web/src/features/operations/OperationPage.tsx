/** One operation: its steps as they go on, why it fails, who is at work, and what can be done about it. */
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useOperatorCan } from "@/app/operator-access";
import { Button, ErrorPanel, Page, Section, SkeletonText, toast } from "@/ui";
import { OperationFacts } from "./OperationFacts";
import { OperationProgress } from "./OperationProgress";
import { OperationState } from "./OperationState";
import { StepsTimeline } from "./StepsTimeline";
import { useInspection } from "./useInspection";
import { useRetry } from "./useRetry";

export function OperationPage() {
  const { t } = useTranslation("operations");
  const { id } = useParams({ from: "/operator/operator/operations/$id" });
  const navigate = useNavigate();
  const can = useOperatorCan();
  const inspection = useInspection(id);
  const retry = useRetry((begun) => {
    toast.success(t("retried"));
    // What was given up is built by another operation.
    if (begun.id !== id) void navigate({ to: "/operator/operations/$id", params: { id: begun.id } });
  });
  const operation = inspection.data;
  const breadcrumbs = [{ label: t("title"), link: { to: "/operator/operations" } } as const];
  if (!operation)
    return (
      <Page title={t("operation")} breadcrumbs={breadcrumbs}>
        {inspection.error ? (
          <ErrorPanel error={inspection.error} onRetry={() => void inspection.refetch()} />
        ) : (
          <Section>
            <SkeletonText lines={8} />
          </Section>
        )}
      </Page>
    );
  const title = t("title_of", {
    kind: t(`kinds.${operation.kind as "provision"}`, { defaultValue: operation.kind }),
    tenant: operation.tenant.name,
  });
  return (
    <Page
      title={title}
      mark={<OperationState operation={operation} />}
      breadcrumbs={breadcrumbs}
      description={
        <Link
          to="/operator/tenants/$id"
          params={{ id: operation.tenant.id }}
          className="text-link underline underline-offset-2"
        >
          {t("to_tenant")}
        </Link>
      }
      actions={
        operation.can_retry &&
        can("platform.tenants.write") && (
          <Button
            variant="primary"
            icon="refresh-cw"
            isPending={retry.isPending}
            onPress={() => retry.mutate(operation.tenant.id)}
          >
            {t("retry")}
          </Button>
        )
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <Section title={t("steps")}>
          <OperationProgress operation={operation} />
          <StepsTimeline steps={operation.timeline} />
        </Section>
        <Section title={t("facts")}>
          <OperationFacts operation={operation} />
        </Section>
      </div>
    </Page>
  );
}
