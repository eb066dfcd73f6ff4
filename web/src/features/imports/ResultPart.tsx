/** The last step: the import at work, and what came of it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button, ButtonLink, ErrorPanel, Icon, Section, SkeletonText } from "@/ui";
import { JobFault } from "../jobs/JobFault";
import { JobFigures } from "../jobs/JobFigures";
import { JobFiles } from "../jobs/JobFiles";
import { JobProgress } from "../jobs/JobProgress";
import { goesOn, type Job, jobQuery } from "../jobs/job";
import { readStockAgain } from "../stock-movements/undo";
import type { ImportKind } from "./kinds";
import { PreviewPart } from "./PreviewPart";
import type { Import } from "./useImport";

/** What an import changes beside the stock. */
const CHANGED = [
  ["/api/v1/products"],
  ["/api/v1/categories"],
  ["/api/v1/tags"],
  ["/api/v1/variants"],
  ["/api/v1/jobs"],
];

export function ResultPart({ kind, way, jobId }: { kind: ImportKind; way: Import; jobId: string }) {
  const { t } = useTranslation("imports");
  const queries = useQueryClient();
  const { data: job, error, refetch } = useQuery(jobQuery(jobId));
  const hasEnded = job !== undefined && !goesOn(job);
  useEffect(() => {
    if (!hasEnded) return;
    for (const queryKey of CHANGED)
      void queries.invalidateQueries({ queryKey, predicate: ({ queryKey: [, id] }) => id !== jobId });
    void readStockAgain(queries);
  }, [hasEnded, queries, jobId]);
  if (error && !job) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!job) return <SkeletonText lines={6} />;
  if (goesOn(job))
    return (
      <Section title={t("importing")} description={t("importing_text")}>
        <JobProgress job={job} />
      </Section>
    );
  return (
    <div className="grid gap-5">
      {way.isKnown && (
        <div className="flex flex-wrap items-center gap-3 rounded-xl border border-border bg-info-soft p-4 text-info-soft-foreground">
          <Icon name="info" className="size-5" />
          <p className="min-w-0 flex-1 text-pretty">{t("known")}</p>
          {way.source && (
            <Button size="sm" isPending={way.isSending} onPress={() => way.start(true)}>
              {t("again")}
            </Button>
          )}
        </div>
      )}
      <Section title={t(titleOf(job))}>
        <div className="grid gap-5">
          <JobFault job={job} />
          <JobFigures job={job} />
          <JobFiles job={job} />
          <div className="flex flex-wrap gap-2">
            {job.state === "succeeded" && <Show kind={kind} jobId={jobId} />}
            <Button icon="upload" onPress={way.anew}>
              {t("another")}
            </Button>
          </div>
        </div>
      </Section>
      {job.errors_url && <PreviewPart job={job} />}
    </div>
  );
}

function titleOf({ state }: Job) {
  return state === "succeeded" ? "done" : state === "cancelled" ? "cancelled" : "failed";
}

function Show({ kind, jobId }: { kind: ImportKind; jobId: string }) {
  const { t } = useTranslation("imports");
  return kind === "products" ? (
    <ButtonLink to="/products" variant="primary" icon="package">
      {t("show.products")}
    </ButtonLink>
  ) : (
    <ButtonLink to="/stock-movements" search={{ import_id: jobId }} variant="primary" icon="history">
      {t("show.stock-movements")}
    </ButtonLink>
  );
}
