/** The stock was not as it was seen: yours, theirs, now, and what to do about it. */
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { Button, Dialog, Moment } from "@/ui";
import { ActorName } from "../stock-movements/ActorName";
import { deltaOf, type StockConflict } from "./levels";
import type { Correction } from "./useAdjust";

interface Props {
  correction: Correction;
  conflict: StockConflict;
  onAgain: (correction: Correction) => void;
  onClose: () => void;
}

export function ConflictDialog({ correction, conflict, onAgain, onClose }: Props) {
  const { t } = useTranslation("inventory");
  const { t: moves } = useTranslation("stock-movements");
  const formats = useFormats();
  const { level, intent } = correction;
  const { onHand, available, last } = conflict;
  const figure = (quantity: string) => formats.quantity(quantity, level.unit);
  const delta = deltaOf(intent, onHand);
  const after = delta === undefined ? onHand : decimal.add(onHand, delta);
  const yours = deltaOf(intent, level.on_hand) ?? "0";
  const theirs = decimal.subtract(onHand, level.on_hand);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={t("conflict.title")}
      description={
        <>
          <span className="person-text">{level.product_name}</span> · <span className="code-text">{level.sku}</span> ·{" "}
          <span className="person-text">{level.location_name}</span>
        </>
      }
      footer={
        <>
          <Button onPress={onClose}>{t("conflict.leave", { quantity: figure(onHand) })}</Button>
          {delta !== undefined && decimal.sign(after) >= 0 && (
            <Button
              variant="primary"
              onPress={() => onAgain({ ...correction, level: { ...level, on_hand: onHand, available } })}
            >
              {intent.mode === "count"
                ? t("conflict.set", { quantity: figure(after) })
                : t("conflict.apply", { delta: formats.delta(delta), quantity: figure(after) })}
            </Button>
          )}
        </>
      }
    >
      <dl className="grid grid-cols-3 divide-x divide-separator overflow-hidden rounded-xl border border-border text-center rtl:divide-x-reverse">
        <Figure
          term={t("conflict.yours")}
          value={formats.delta(yours)}
          hint={t("conflict.seen", { quantity: figure(level.on_hand) })}
        />
        <Figure
          term={t("conflict.theirs")}
          value={formats.delta(theirs)}
          hint={
            last && (
              <>
                {moves(`reasons.${last.reason as "count"}`, { defaultValue: last.reason })},{" "}
                <ActorName kind={last.actorKind} id={last.actorId} />
                {last.at && (
                  <>
                    {" · "}
                    <Moment at={last.at} />
                  </>
                )}
              </>
            )
          }
        />
        <Figure
          term={t("conflict.now")}
          value={figure(onHand)}
          hint={t("conflict.available", { quantity: figure(available) })}
          isStrong
        />
      </dl>
      {decimal.sign(after) < 0 && <p className="mt-3 text-danger">{t("too_much", { quantity: figure(onHand) })}</p>}
    </Dialog>
  );
}

function Figure({
  term,
  value,
  hint,
  isStrong,
}: {
  term: string;
  value: string;
  hint?: React.ReactNode;
  isStrong?: boolean;
}) {
  return (
    <div className={`p-3 ${isStrong ? "bg-accent-soft text-accent-soft-foreground" : ""}`}>
      <dt className="text-xs">{term}</dt>
      <dd className="mt-0.5 text-xl font-semibold tabular">{value}</dd>
      {hint && <dd className="mt-1 text-xs text-pretty opacity-80">{hint}</dd>}
    </div>
  );
}
