/** A new password, with its rules in sight and how hard it is to guess. */
import { useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { PasswordInput } from "@/ui/form/fields";
import { Icon } from "@/ui/icons";
import { strengthOf } from "./strength";

interface Props {
  name: string;
  label: string;
  autoFocus?: boolean;
  /** Names of fields whose values a password should not be made of. */
  avoid?: string[];
}

const BARS = ["bg-danger", "bg-warning", "bg-success", "bg-success"];

export function NewPassword({ name, label, autoFocus, avoid = [] }: Props) {
  const { t } = useTranslation("auth");
  const password = (useWatch({ name }) as string | undefined) ?? "";
  const known = useWatch({ name: avoid }) as (string | undefined)[];
  const { level, rules } = strengthOf(password, known);
  return (
    <div>
      <PasswordInput name={name} label={label} autoComplete="new-password" autoFocus={autoFocus} isRequired />
      <div aria-hidden="true" className="mt-2 grid grid-cols-4 gap-1">
        {BARS.map((_, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: four bars in their order
            key={index}
            className={`h-1 rounded-full transition-colors ${password && index < level ? BARS[level - 1] : "bg-surface-tertiary"}`}
          />
        ))}
      </div>
      <p aria-live="polite" className="sr-only">
        {password && t(`strength.${level as 1}`)}
      </p>
      <ul className="mt-2 grid gap-1 text-xs">
        {rules.map((rule) => (
          <li
            key={rule.id}
            className={`flex items-center gap-1.5 ${rule.isMet ? "text-success-soft-foreground" : "text-muted"}`}
          >
            <Icon name={rule.isMet ? "circle-check" : "minus"} className="size-3.5" />
            <span>{t(`rules.${rule.id}`)}</span>
            <span className="sr-only">{rule.isMet ? t("rules.met") : t("rules.open")}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
