/** What came of a job, in figures. */
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { figuresOf, type Job } from "./job";

export function JobFigures({ job }: { job: Job }) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const figures = figuresOf(job);
  if (figures.length === 0) return null;
  return (
    <dl className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-4">
      {figures.map(({ figure, value }) => (
        <div
          key={figure}
          className={`rounded-lg border border-border px-3 py-2 ${figure === "errors" ? "border-danger/30 bg-danger-soft text-danger-soft-foreground" : ""}`}
        >
          <dt className={`text-xs ${figure === "errors" ? "" : "text-muted"}`}>{t(`figures.${figure}`)}</dt>
          <dd className="text-lg font-semibold tabular">{formats.decimal(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
