/** The third step: what would come of it, before anything is written. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Button, ErrorPanel, Section, SkeletonText } from "@/ui";
import { JobFault } from "../jobs/JobFault";
import { JobFigures } from "../jobs/JobFigures";
import { JobProgress } from "../jobs/JobProgress";
import { errorCount, goesOn, jobQuery } from "../jobs/job";
import { PreviewPart } from "./PreviewPart";
import type { Import } from "./useImport";

export function CheckPart({ way, jobId }: { way: Import; jobId: string }) {
  const { t } = useTranslation("imports");
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  if (error && !job) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!job) return <SkeletonText lines={6} />;
  if (goesOn(job))
    return (
      <Section title={t("checking")}>
        <JobProgress job={job} />
      </Section>
    );
  const errors = errorCount(job);
  const isReadable = job.state === "succeeded" || errors > 0;
  return (
    <div className="grid gap-5">
      <Section title={t("would_come")} description={t("nothing_written")}>
        <div className="grid gap-4">
          {!isReadable && <JobFault job={job} />}
          <JobFigures job={job} />
          {errors > 0 && (
            <label className="flex cursor-pointer items-start gap-2">
              <input
                type="checkbox"
                className="mt-0.5 size-4 accent-accent"
                checked={way.skipInvalid}
                onChange={(event) => way.setSkipInvalid(event.target.checked)}
              />
              <span>
                {t("skip_invalid")}
                <span className="block text-muted">{t("skip_invalid_text")}</span>
              </span>
            </label>
          )}
        </div>
      </Section>
      <PreviewPart job={job} />
      <div className="sticky bottom-0 -mx-4 flex flex-wrap justify-end gap-2 border-t border-border bg-background/95 px-4 py-3 backdrop-blur sm:mx-0 sm:px-0">
        <Button variant="ghost" onPress={way.backToColumns}>
          {t("back_to_columns")}
        </Button>
        <Button
          variant="primary"
          isPending={way.isSending}
          isDisabled={!isReadable || (errors > 0 && !way.skipInvalid)}
          onPress={() => way.start()}
        >
          {t("start")}
        </Button>
      </div>
    </div>
  );
}
