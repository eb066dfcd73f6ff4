/** The files of a job: what it made, and what it refused. They are kept for a while. */
import { useTranslation } from "react-i18next";
import { ButtonAnchor, Moment } from "@/ui";
import { isDryRun, type Job } from "./job";

export function JobFiles({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  if (!job.result_url && !job.errors_url) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {job.result_url && (
        <ButtonAnchor href={job.result_url} download icon="download" variant={isDryRun(job) ? "secondary" : "primary"}>
          {isDryRun(job) ? t("download_preview") : t("download_result")}
        </ButtonAnchor>
      )}
      {job.errors_url && (
        <ButtonAnchor href={job.errors_url} download icon="file-down">
          {t("download_errors")}
        </ButtonAnchor>
      )}
      {job.expires_at && (
        <span className="text-xs text-muted">
          {t("kept_until")} <Moment at={job.expires_at} exact />
        </span>
      )}
    </div>
  );
}
