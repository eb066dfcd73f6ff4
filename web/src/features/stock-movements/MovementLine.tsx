/** Parts by which movements are shown everywhere: how much, from where to where, why. */
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { Badge, Icon, type TimelineEntry } from "@/ui";
import { ActorName } from "./ActorName";
import { lookOf, type Movement, signedQuantity, wayOf } from "./movement";

export function MovedQuantity({ movement, locationId }: { movement: Movement; locationId?: string }) {
  const formats = useFormats();
  const way = locationId ? undefined : wayOf(movement);
  const quantity = signedQuantity(movement, locationId);
  const text = way === "within" ? formats.decimal(quantity) : formats.delta(quantity);
  const tone = way === "within" ? "" : quantity.startsWith("-") ? "text-foreground" : "text-success";
  return (
    <span className={`font-medium whitespace-nowrap tabular ${tone}`}>
      {text}
      {movement.unit !== "each" && <span className="ms-1 font-normal text-muted">{movement.unit}</span>}
    </span>
  );
}

export function ReasonBadge({ movement }: { movement: Movement }) {
  const { t } = useTranslation("stock-movements");
  const { icon, tone } = lookOf(movement.reason);
  return (
    <Badge tone={tone} icon={icon}>
      {t(`reasons.${movement.reason as "receipt"}`, { defaultValue: movement.reason.replaceAll("_", " ") })}
    </Badge>
  );
}

export function FromTo({ movement }: { movement: Movement }) {
  const { t } = useTranslation("stock-movements");
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      <span className="code-text truncate">{movement.from_location}</span>
      <Icon name="arrow-right" className="size-3.5 text-muted" />
      <span className="sr-only">{t("to")}</span>
      <span className="code-text truncate">{movement.to_location}</span>
    </span>
  );
}

/** Movements as entries of a timeline. */
export function useMovementEntries(onOpen?: (movement: Movement) => void): (movement: Movement) => TimelineEntry {
  const { t } = useTranslation("stock-movements");
  return (movement) => {
    const { icon, tone } = lookOf(movement.reason);
    const reason = t(`reasons.${movement.reason as "receipt"}`, { defaultValue: movement.reason });
    const title = (
      <>
        {reason} <span className="code-text font-normal text-muted">{movement.sku}</span>
      </>
    );
    return {
      id: movement.id,
      icon,
      tone,
      title: onOpen ? (
        <button type="button" className="text-start hover:underline" onClick={() => onOpen(movement)}>
          {title}
        </button>
      ) : (
        title
      ),
      by: <ActorName kind={movement.actor_kind} id={movement.actor_id} />,
      at: movement.occurred_at,
      aside: <MovedQuantity movement={movement} />,
      body: (
        <div className="grid gap-0.5 text-muted">
          <FromTo movement={movement} />
          {movement.note && (
            <p dir="auto" className="person-text">
              {movement.note}
            </p>
          )}
          {movement.reversed_by_id && (
            <p>
              <Badge tone="warning">{t("reversed")}</Badge>
            </p>
          )}
        </div>
      ),
    };
  };
}
