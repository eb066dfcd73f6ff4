/** By how much a level is corrected, or what was counted there, and why. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { Button, DecimalInput, Icon, Segments } from "@/ui";
import { PlainSelect } from "@/ui/form/PlainSelect";
import { ADJUST_REASONS } from "../stock-movements/movement";
import { deltaOf, type Intent, type Level } from "./levels";
import type { Correction } from "./useAdjust";

const MODES = ["change", "count"] as const;

export function CorrectForm({ level, onSend }: { level: Level; onSend: (correction: Correction) => void }) {
  const { t } = useTranslation("inventory");
  const { t: moves } = useTranslation("stock-movements");
  const formats = useFormats();
  const [mode, setMode] = useState<Intent["mode"]>("change");
  const [value, setValue] = useState<string>();
  const [chosen, setReason] = useState<Schema<"AdjustReason">>();
  const [note, setNote] = useState("");
  // Who counts has counted; anything else says why.
  const reason = chosen ?? (mode === "count" ? "count" : "correction");
  const delta = value === undefined ? undefined : deltaOf({ mode, value }, level.on_hand);
  const after = delta === undefined ? undefined : decimal.add(level.on_hand, delta);
  const isShort = after !== undefined && decimal.sign(after) < 0;
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (value !== undefined && delta !== undefined && !isShort)
          onSend({ level, intent: { mode, value }, reason, note: note.trim() || undefined });
      }}
    >
      <div>
        <p dir="auto" className="person-text truncate font-semibold">
          {level.product_name}
        </p>
        <p className="truncate text-xs text-muted">
          <span className="code-text">{level.sku}</span> · <span className="person-text">{level.location_name}</span>
        </p>
      </div>
      <Segments
        label={t("mode")}
        value={mode}
        choices={MODES.map((id) => ({ id, label: t(`modes.${id}`) }))}
        onChange={(next) => {
          setMode(next);
          setValue(undefined);
        }}
      />
      <DecimalInput
        key={mode}
        autoFocus
        label={t(`values.${mode}`)}
        value={value}
        onChange={setValue}
        isDelta={mode === "change"}
        isPositive={mode === "count"}
        suffix={level.unit === "each" ? undefined : level.unit}
        fault={isShort ? t("too_much", { quantity: formats.quantity(level.on_hand, level.unit) }) : undefined}
      />
      <p
        className="flex items-center justify-between rounded-lg bg-surface-secondary px-3 py-2 tabular"
        aria-live="polite"
      >
        <span className="text-muted">{formats.quantity(level.on_hand)}</span>
        <Icon name="arrow-right" className="size-4 text-muted" />
        <span className="font-semibold">
          {after === undefined ? "–" : formats.quantity(after, level.unit)}
          {mode === "count" && delta !== undefined && (
            <span className="ms-1.5 font-normal text-muted">({formats.delta(delta)})</span>
          )}
        </span>
      </p>
      <PlainSelect
        label={t("reason")}
        value={reason}
        onChange={(next) => setReason(next as Schema<"AdjustReason">)}
        choices={ADJUST_REASONS.map((id) => ({ id, label: moves(`reasons.${id}`) }))}
      />
      <label className="grid gap-1">
        <span className="label">{t("note")}</span>
        <input
          className="input"
          dir="auto"
          maxLength={1000}
          value={note}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <Button type="submit" variant="primary" fullWidth isDisabled={delta === undefined || isShort}>
        {delta === undefined ? t("correct_submit") : t("correct_by", { delta: formats.delta(delta) })}
      </Button>
    </form>
  );
}
