/**
 * Corrects a level: the new figure is shown at once and marked as on its way. Refused, it goes back and the reason is told;
 * not as expected, the person sees both changes and decides; not answered, it can be sent again under its own key.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { toast } from "@/ui";
import { readStockAgain, useUndo } from "../stock-movements/undo";
import {
  conflictOf,
  corrected,
  corrections,
  deltaOf,
  type Intent,
  type Level,
  type StockConflict,
  showLevel,
} from "./levels";

export interface Correction {
  level: Level;
  intent: Intent;
  reason: Schema<"AdjustReason">;
  note: string | undefined;
}

interface Sent {
  correction: Correction;
  delta: string;
  /** Several corrections may be on their way at once: each has its own. */
  key: string;
}

export function useAdjust(onConflict: (correction: Correction, conflict: StockConflict) => void) {
  const { t } = useTranslation("inventory");
  const { t: ui } = useTranslation("ui");
  const formats = useFormats();
  const queries = useQueryClient();
  const undo = useUndo();
  const { mutate } = useWrite<Sent, { data: Schema<"PostingOut"> }>({
    send: ({ correction: { level, reason, note }, delta, key }) =>
      answer(
        api.POST("/api/v1/inventory/adjust", {
          params: { header: { "Idempotency-Key": key } },
          body: { reason, note, lines: [{ inventory_id: level.id, delta, expected_quantity: level.on_hand }] },
        }),
      ),
    onSuccess: ({ data }, { correction: { level }, delta }) => {
      const [movement] = data.movements;
      const after = movement?.to_quantity_after ?? movement?.from_quantity_after;
      if (after) showLevel(queries, level.id, (one) => corrected(one, after));
      corrections.end(level.id);
      const text = t("corrected", {
        sku: level.sku,
        location: level.location_name,
        delta: formats.delta(delta),
        now: formats.quantity(after ?? decimal.add(level.on_hand, delta), level.unit),
      });
      toast.success(text, { undo: undo(data) });
      void readStockAgain(queries);
    },
    onError: (problem, sent) => {
      const { level } = sent.correction;
      corrections.end(level.id);
      const conflict = conflictOf(problem);
      if (conflict) {
        showLevel(queries, level.id, (one) => corrected(one, conflict.onHand));
        return onConflict(sent.correction, conflict);
      }
      if (!problem.passing) return toast.problem(problem);
      // It may have arrived: sent again as it was, it happens once.
      const again = { label: ui("error.retry"), run: () => send(sent) };
      toast.show({ title: problem.message, tone: "danger", problem, action: again });
    },
  });
  const send = (sent: Sent) => {
    const { level } = sent.correction;
    corrections.begin(level.id, decimal.add(level.on_hand, sent.delta));
    mutate(sent);
  };
  return (correction: Correction) => {
    const delta = deltaOf(correction.intent, correction.level.on_hand);
    if (delta !== undefined) send({ correction, delta, key: crypto.randomUUID() });
  };
}
