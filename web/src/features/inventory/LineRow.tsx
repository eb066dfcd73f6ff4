/** One article of a posting: what, where if not where all are, how many, how many there are. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useFormContext, useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { Badge, IconButton, QuantityInput } from "@/ui";
import { levelAtQuery } from "./levelAt";
import type { PostingKind, PostingValues } from "./posting";

interface Props {
  id: string;
  kind: PostingKind;
  index: number;
  isLatest: boolean;
  /** Of a count: what is there now, where that is not what was read before. */
  changedTo?: string;
  onRemove: () => void;
}

export function LineRow({ id, kind, index, isLatest, changedTo, onRemove }: Props) {
  const { t } = useTranslation("inventory");
  const formats = useFormats();
  const row = useRef<HTMLLIElement>(null);
  const { control } = useFormContext<PostingValues>();
  const line = useWatch({ control, name: `lines.${index}` });
  const place = useWatch({ control, name: "location_id" });
  const at = line?.location_id ?? place;
  const asks = kind === "issue" || kind === "transfer";
  const { data: level } = useQuery({
    ...levelAtQuery(line?.variant_id ?? "", at ?? ""),
    enabled: asks && Boolean(line?.variant_id && at),
    staleTime: 30_000,
  });
  useEffect(() => {
    if (isLatest) row.current?.scrollIntoView({ block: "nearest" });
  }, [isLatest]);
  if (!line) return null;
  const isShort =
    asks && level && decimal.is(line.quantity ?? "") && decimal.compare(line.quantity, level.available) > 0;
  const difference =
    kind === "count" && line.expected !== undefined && decimal.is(line.quantity ?? "")
      ? decimal.subtract(line.quantity, line.expected)
      : undefined;
  return (
    <li
      ref={row}
      data-row={id}
      className={`flex flex-wrap items-start gap-x-4 gap-y-2 py-3 ${isLatest ? "-mx-2 rounded-lg bg-accent-soft/50 px-2" : ""}`}
    >
      <div className="min-w-0 flex-1 basis-48 pt-1">
        <p dir="auto" className="person-text font-medium break-words">
          {line.name}
        </p>
        <p className="flex flex-wrap items-center gap-2 text-xs text-muted">
          <span className="code-text">{line.sku}</span>
          {line.location && <Badge icon="map-pin">{line.location}</Badge>}
          {asks && level && (
            <span className={isShort ? "font-medium text-danger" : ""}>
              {t("there_are", { quantity: formats.quantity(level.available, line.unit) })}
            </span>
          )}
          {kind === "count" && line.expected !== undefined && (
            <span>{t("expected", { quantity: formats.quantity(line.expected, line.unit) })}</span>
          )}
          {changedTo !== undefined && <Badge tone="warning">{t("changed")}</Badge>}
        </p>
      </div>
      <div className="flex items-start gap-2">
        {kind === "count" && (
          <span
            className={`w-16 pt-2 text-end font-medium tabular ${difference?.startsWith("-") ? "text-danger" : "text-success"}`}
          >
            {difference === undefined ? "" : decimal.sign(difference) === 0 ? "=" : formats.delta(difference)}
          </span>
        )}
        <div className="w-36">
          <QuantityInput
            name={`lines.${index}.quantity`}
            label={t("quantity_of", { name: line.name })}
            unit={line.unit}
            isPositive
            isLabelHidden
          />
        </div>
        <IconButton icon="trash-2" size="md" label={t("remove_line", { name: line.name })} onPress={onRemove} />
      </div>
    </li>
  );
}
