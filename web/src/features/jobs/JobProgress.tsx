/** How far a job is, live; it can be stopped while it goes on. */
import { useQueryClient } from "@tanstack/react-query";
import { ProgressBar } from "react-aria-components/ProgressBar";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { useCan, useMe } from "@/app/access";
import { useFormats } from "@/i18n";
import { Button, toast } from "@/ui";
import { fractionOf, goesOn, type Job, jobQuery } from "./job";

export function JobProgress({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const fraction = fractionOf(job);
  return (
    <div className="flex items-center gap-4">
      <ProgressBar
        aria-label={t("progress")}
        value={(fraction ?? 0) * 100}
        isIndeterminate={fraction === undefined}
        valueLabel={fraction === undefined ? undefined : formats.percent(fraction)}
        className="flex flex-1 items-center gap-3"
      >
        {({ percentage, isIndeterminate, valueText }) => (
          <>
            <span className="h-2 flex-1 overflow-hidden rounded-full bg-surface-tertiary">
              <span
                className={`block h-full rounded-full transition-[width] duration-500 ${job.state === "failed" ? "bg-danger" : job.state === "cancelled" ? "bg-muted" : "bg-accent"} ${isIndeterminate ? "w-1/3 animate-pulse" : ""}`}
                style={isIndeterminate ? undefined : { width: `${percentage}%` }}
              />
            </span>
            <span className="w-14 text-end tabular">{valueText}</span>
          </>
        )}
      </ProgressBar>
      {goesOn(job) && <CancelButton job={job} />}
    </div>
  );
}

function CancelButton({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const can = useCan();
  const own = useMe().user?.id;
  const queries = useQueryClient();
  const cancel = useWrite({
    send: (_: undefined, { key }) =>
      answer(
        api.POST("/api/v1/jobs/{id}/cancel", {
          params: { path: { id: job.id }, header: { "Idempotency-Key": key } },
        }),
      ),
    invalidates: [["/api/v1/jobs"]],
    onSuccess: ({ data }) => queries.setQueryData(jobQuery(job.id).queryKey, data),
    onError: toast.problem,
  });
  if (job.created_by !== own && !can("settings.write")) return null;
  return (
    <Button size="sm" icon="ban" isPending={cancel.isPending} onPress={() => cancel.mutate(undefined)}>
      {t("cancel")}
    </Button>
  );
}
