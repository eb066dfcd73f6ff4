/** How the platform stands, and what needs somebody now; each figure leads to what it counts. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Chart, ErrorPanel, Page, Section } from "@/ui";
import { Attention } from "./Attention";
import { Figures } from "./Figures";
import { overviewQuery } from "./overview";
import { Servers } from "./Servers";
import { TenantStates } from "./TenantStates";

const READ_AGAIN_MS = 10_000;

export function OverviewPage() {
  const { t } = useTranslation("overview");
  const overview = useQuery({ ...overviewQuery, refetchInterval: READ_AGAIN_MS });
  const { data } = overview;
  return (
    <Page title={t("title")}>
      {overview.error && !data ? (
        <ErrorPanel error={overview.error} onRetry={() => void overview.refetch()} />
      ) : (
        <div className="grid gap-4" aria-busy={overview.isPending}>
          <Attention overview={data} />
          <Figures overview={data} />
          <div className="grid items-start gap-4 lg:grid-cols-2">
            <TenantStates tenants={data?.tenants} />
            <Servers servers={data?.servers} pool={data?.warm_pool} />
          </div>
          <SignUps days={data?.sign_ups ?? []} />
        </div>
      )}
    </Page>
  );
}

function SignUps({ days }: { days: Schema<"DayOut">[] }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const total = days.reduce((sum, day) => sum + day.count, 0);
  return (
    <Section title={t("sign_ups")} description={t("sign_ups_total", { count: total })}>
      <Chart
        kind="bar"
        label={t("sign_ups")}
        height={200}
        isWhole
        format={formats.number}
        series={[{ key: "count", label: t("founded"), color: 1 }]}
        // Days of the platform are in UTC; at noon they are the same day nearly everywhere.
        points={days.map(({ date, count }) => ({ x: formats.date(`${date}T12:00:00`), count }))}
      />
    </Section>
  );
}
