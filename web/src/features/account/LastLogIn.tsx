/** The log-in before the present one: one that the person does not know of was not theirs. */
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { Icon } from "@/ui/icons";

export function LastLogIn({ at }: { at: string | null | undefined }) {
  const { t } = useTranslation("account");
  const formats = useFormats();
  return (
    <p className="flex items-start gap-3 rounded-xl border border-border bg-surface p-4 shadow-surface">
      <Icon name="history" className="mt-0.5 size-5 text-muted" />
      <span className="text-pretty">
        {at ? t("last_log_in", { at: formats.dateTime(at) }) : t("first_log_in")}{" "}
        {at && <span className="text-muted">{t("not_you")}</span>}
      </span>
    </p>
  );
}
