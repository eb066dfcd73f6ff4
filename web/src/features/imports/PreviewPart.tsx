/** What becomes of each row of a file: the differences of a dry run, or what was refused. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { consoleFetch } from "@/api/client";
import { problemOf } from "@/api/problem";
import { useFormats } from "@/i18n";
import { Badge, Button, EmptyState, ErrorPanel, Section, SkeletonText, type Tone } from "@/ui";
import { isDryRun, type Job } from "../jobs/job";
import { faultsOf, type Outcome, type PreviewRow, previewOf } from "./preview";

const MOST = 2_000;
const A_PART = 100;
const TONES: Record<Outcome, Tone> = { created: "success", updated: "accent", unchanged: "neutral", error: "danger" };
const OUTCOMES: Outcome[] = ["error", "created", "updated", "unchanged"];

export function PreviewPart({ job }: { job: Job }) {
  const { t } = useTranslation("imports");
  const formats = useFormats();
  const url = isDryRun(job) && job.result_url ? job.result_url : job.errors_url;
  const [chosen, choose] = useState<Outcome>();
  const [shown, show] = useState(A_PART);
  const { data, error, refetch } = useQuery({
    queryKey: ["/api/v1/jobs", job.id, "preview", url],
    queryFn: async ({ signal }) => {
      const response = await consoleFetch(new Request(new URL(url ?? "", location.origin), { signal }));
      if (!response.ok) throw problemOf(response, await response.json().catch(() => undefined));
      const text = await response.text();
      return url === job.errors_url ? faultsOf(text, MOST) : previewOf(text, MOST);
    },
    enabled: Boolean(url),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!url) return null;
  const counts = new Map<Outcome, number>();
  for (const { outcome } of data?.rows ?? []) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const rows = (data?.rows ?? []).filter(({ outcome }) => !chosen || outcome === chosen);
  return (
    <Section flush title={isDryRun(job) ? t("preview") : t("refused")} description={data?.isCut && t("preview_cut")}>
      {error && (
        <div className="p-4">
          <ErrorPanel error={error} onRetry={() => void refetch()} compact />
        </div>
      )}
      {!data && !error && (
        <div className="px-5 pb-5">
          <SkeletonText lines={6} />
        </div>
      )}
      {data && data.rows.length === 0 && <EmptyState icon="check" title={t("nothing_changes")} />}
      {data && data.rows.length > 0 && (
        <>
          {counts.size > 1 && (
            <div className="flex flex-wrap gap-1.5 px-4 pb-3 sm:px-5">
              <Button
                size="sm"
                variant={chosen ? "secondary" : "primary"}
                aria-pressed={!chosen}
                onPress={() => choose(undefined)}
              >
                {t("all_rows")}
              </Button>
              {OUTCOMES.filter((outcome) => counts.has(outcome)).map((outcome) => (
                <Button
                  key={outcome}
                  size="sm"
                  aria-pressed={chosen === outcome}
                  variant={chosen === outcome ? "primary" : "secondary"}
                  onPress={() => choose(outcome)}
                >
                  {t(`outcomes.${outcome}`)} · {formats.number(counts.get(outcome) ?? 0)}
                </Button>
              ))}
            </div>
          )}
          <ul className="divide-y divide-separator border-t border-separator">
            {rows.slice(0, shown).map((row) => (
              <Row key={row.line} row={row} />
            ))}
          </ul>
          {rows.length > shown && (
            <div className="flex justify-center p-3">
              <Button onPress={() => show(shown + A_PART)}>{t("more_rows")}</Button>
            </div>
          )}
        </>
      )}
    </Section>
  );
}

function Row({ row }: { row: PreviewRow }) {
  const { t } = useTranslation("imports");
  return (
    <li className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[5rem_6rem_minmax(0,1fr)] sm:px-5">
      <span className="text-muted tabular">{t("line", { line: row.line })}</span>
      <span>
        <Badge tone={TONES[row.outcome] ?? "neutral"}>
          {t(`outcomes.${row.outcome}`, { defaultValue: row.outcome })}
        </Badge>
      </span>
      <div className="min-w-0">
        {row.sku && <p className="code-text break-words">{row.sku}</p>}
        {row.changes.map(({ field, before, after }) => (
          <p key={field} className="break-words">
            <span className="text-muted">{t(`fields.${field as "name"}`, { defaultValue: field })}: </span>
            {before && <del className="person-text text-muted">{before}</del>}{" "}
            <span className="person-text">{after}</span>
          </p>
        ))}
        {row.faults.map(({ column, reason }) => (
          <p key={`${column}${reason}`} className="break-words text-danger">
            {column && <span className="font-medium">{column}: </span>}
            {reason}
          </p>
        ))}
      </div>
    </li>
  );
}
