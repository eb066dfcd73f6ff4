/** One step: what it is good for, and the way to it, while it is to be done. */
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { ButtonLink, Icon } from "@/ui";
import { type Step, WAYS } from "./steps";

export function StepCard({ step, isNext }: { step: Step; isNext: boolean }) {
  const { t } = useTranslation("onboarding");
  const way = WAYS[step.key];
  return (
    <li
      className={`flex flex-col rounded-lg border p-3.5 ${isNext ? "border-accent bg-accent-soft/40" : "border-border"}`}
      aria-current={isNext ? "step" : undefined}
    >
      <div className="flex items-start gap-2.5">
        {step.done ? (
          <Icon name="circle-check" className="mt-px size-5 text-success" />
        ) : (
          <Icon
            name={way?.icon ?? "flag"}
            className={`mt-px size-5 ${isNext ? "text-accent-soft-foreground" : "text-muted"}`}
          />
        )}
        <h3 className={step.done ? "text-muted" : "font-semibold"}>
          {t(`steps.${step.key}.title`, { defaultValue: step.key })}
        </h3>
        {step.done && <span className="sr-only">{t("done")}</span>}
      </div>
      {!step.done && (
        <>
          <p className="mt-1.5 flex-1 text-pretty text-muted">{t(`steps.${step.key}.text`, { defaultValue: "" })}</p>
          {way && (
            <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
              <PermissionGate permission={way.permission}>
                <ButtonLink {...way.link} size="sm" variant={isNext ? "primary" : undefined}>
                  {t(`steps.${step.key}.action`)}
                </ButtonLink>
              </PermissionGate>
              {way.other && (
                <PermissionGate permission={way.other.permission}>
                  <ButtonLink {...way.other.link} size="sm" variant="ghost">
                    {t("import")}
                  </ButtonLink>
                </PermissionGate>
              )}
            </div>
          )}
        </>
      )}
    </li>
  );
}
