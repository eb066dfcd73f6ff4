/** The ids that narrow the log, each with a way to take it away. */
import { useTranslation } from "react-i18next";
import { type ListState, Tag, useFocusAfterRemoval } from "@/ui";

const NAMES = ["entity_id", "subject_id", "actor_id", "request_id"] as const;

export function NarrowedBy({ state, onState }: { state: ListState; onState: (change: ListState) => void }) {
  const { t } = useTranslation("platform-audit-logs");
  const narrowing = NAMES.filter((name) => state[name]);
  const list = useFocusAfterRemoval<HTMLSpanElement>(narrowing);
  return (
    <span ref={list} className="contents">
      {narrowing.map((name) => {
        const value = state[name] ?? "";
        const label = `${t(`narrowed.${name}`)}: ${value.length > 13 ? `…${value.slice(-12)}` : value}`;
        return (
          <span key={name} data-row={name} className="max-w-full">
            <Tag removeLabel={t("widen", { name: label })} onRemove={() => onState({ [name]: undefined })}>
              {label}
            </Tag>
          </span>
        );
      })}
    </span>
  );
}
