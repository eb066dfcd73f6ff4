/** One background job, followed live. */
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { Badge, ButtonLink, ErrorPanel, Moment, Page, Section, SkeletonText, StatusBadge } from "@/ui";
import { PreviewPart } from "../imports/PreviewPart";
import { ActorName } from "../stock-movements/ActorName";
import { JobFault } from "./JobFault";
import { JobFigures } from "./JobFigures";
import { JobFiles } from "./JobFiles";
import { JobProgress } from "./JobProgress";
import { goesOn, ignoredColumns, isDryRun, type Job, jobQuery } from "./job";

export function JobPage() {
  const { t } = useTranslation("jobs");
  const can = useCan();
  const { id } = useParams({ from: "/workspace/jobs/$id" });
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  return (
    <Page
      title={job ? t(`kinds.${job.kind as "imports.products"}`, { defaultValue: job.kind }) : t("job")}
      mark={
        job && (
          <>
            <StatusBadge status={job.state} />
            {isDryRun(job) && <Badge tone="info">{t("dry_run")}</Badge>}
          </>
        )
      }
      breadcrumbs={can("jobs.read") ? [{ label: t("title"), link: { to: "/jobs" } }] : undefined}
    >
      {job ? (
        <JobDetails job={job} />
      ) : error ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonText lines={6} />
      )}
    </Page>
  );
}

function JobDetails({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const ignored = ignoredColumns(job);
  return (
    <div className="grid gap-5">
      <Section>
        <div className="grid gap-5">
          {job.state !== "succeeded" && <JobProgress job={job} />}
          <JobFault job={job} />
          <JobFigures job={job} />
          {ignored.length > 0 && (
            <p className="text-muted">
              {t("ignored_columns")} <span className="person-text">{ignored.join(", ")}</span>
            </p>
          )}
          <JobFiles job={job} />
          <p className="text-xs text-muted">
            {job.created_by && (
              <>
                <ActorName kind="user" id={job.created_by} />
                {" · "}
              </>
            )}
            {t("created")} <Moment at={job.created_at} />
            {job.finished_at && (
              <>
                {" · "}
                {t("finished")} <Moment at={job.finished_at} />
              </>
            )}
          </p>
          {!goesOn(job) && job.kind === "imports.movements" && job.state === "succeeded" && !isDryRun(job) && (
            <div>
              <ButtonLink to="/stock-movements" icon="history">
                {t("show_movements")}
              </ButtonLink>
            </div>
          )}
        </div>
      </Section>
      {!goesOn(job) && (job.errors_url || isDryRun(job)) && <PreviewPart job={job} />}
    </div>
  );
}
