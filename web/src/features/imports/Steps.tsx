/** Where somebody is on the way of a file. */
import { useTranslation } from "react-i18next";
import { Icon } from "@/ui";
import { STEPS, type Step } from "./useImport";

export function Steps({ step }: { step: Step }) {
  const { t } = useTranslation("imports");
  const at = STEPS.indexOf(step);
  return (
    <ol aria-label={t("steps_label")} className="mb-5 flex flex-wrap items-center gap-x-3 gap-y-2">
      {STEPS.map((one, index) => (
        <li key={one} aria-current={index === at ? "step" : undefined} className="flex items-center gap-2">
          {index > 0 && <span aria-hidden="true" className="hidden h-px w-6 bg-border sm:block" />}
          <span
            className={`inline-flex size-6 items-center justify-center rounded-full text-xs font-semibold tabular ${index === at ? "bg-accent text-accent-foreground" : index < at ? "bg-accent-soft text-accent-soft-foreground" : "bg-surface-tertiary text-muted"}`}
          >
            {index < at ? <Icon name="check" className="size-3.5" /> : index + 1}
          </span>
          <span className={index === at ? "font-semibold" : "text-muted"}>{t(`steps.${one}`)}</span>
        </li>
      ))}
    </ol>
  );
}
