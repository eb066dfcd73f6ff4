/** Every version of every plan side by side: price, limits, features, and who has it. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { EmptyState, ErrorPanel, Page, Section, SkeletonText } from "@/ui";
import { PlanTable } from "./PlanTable";
import { planVersionsQuery } from "./plan-versions";

export function PlansPage() {
  const { t } = useTranslation("plans");
  const plans = useQuery(planVersionsQuery);
  return (
    <Page title={t("title")} description={t("text")}>
      {plans.error && !plans.data && <ErrorPanel error={plans.error} onRetry={() => void plans.refetch()} />}
      {plans.isPending && (
        <Section>
          <SkeletonText lines={8} />
        </Section>
      )}
      {plans.data &&
        (plans.data.length === 0 ? (
          <EmptyState icon="layers" title={t("none")}>
            {t("none_text")}
          </EmptyState>
        ) : (
          <PlanTable plans={plans.data} />
        ))}
    </Page>
  );
}
