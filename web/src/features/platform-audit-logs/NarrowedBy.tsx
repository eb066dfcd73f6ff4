/** The ids that narrow the log, each with a way to take it away. */
import { useTranslation } from "react-i18next";
import { type ListState, Tag } from "@/ui";

const NAMES = ["entity_id", "subject_id", "actor_id", "request_id"] as const;

export function NarrowedBy({ state, onState }: { state: ListState; onState: (change: ListState) => void }) {
  const { t } = useTranslation("platform-audit-logs");
  return NAMES.map((name) => {
    const value = state[name];
    if (!value) return null;
    const label = `${t(`narrowed.${name}`)}: ${value.length > 13 ? `…${value.slice(-12)}` : value}`;
    return (
      <Tag key={name} removeLabel={t("widen", { name: label })} onRemove={() => onState({ [name]: undefined })}>
        {label}
      </Tag>
    );
  });
}
