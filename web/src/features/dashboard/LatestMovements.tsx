/** The newest rows of the ledger. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { usePlaces } from "@/app/places";
import { useFormats } from "@/i18n";
import { EmptyState, Icon, SkeletonText, Timeline, type TimelineEntry } from "@/ui";
import { Panel } from "./Panel";
import { latestMovementsQuery } from "./queries";

type Movement = Schema<"MovementOut">;

export function LatestMovements() {
  const { t } = useTranslation("dashboard");
  const linkTo = usePlaces();
  const entry = useEntry();
  const query = useQuery(latestMovementsQuery);
  return (
    <Panel
      title={t("latest.title")}
      query={query}
      skeleton={<SkeletonText lines={8} />}
      more={{ label: t("latest.all"), link: linkTo({ path: "/stock-movements" }) }}
    >
      {(movements) =>
        movements.length === 0 ? (
          <EmptyState icon="history" title={t("latest.none")}>
            {t("latest.none_text")}
          </EmptyState>
        ) : (
          <Timeline label={t("latest.title")} entries={movements.map(entry)} />
        )
      }
    </Panel>
  );
}

/** Suppliers, customers and the like have no level: what comes from there comes in, what goes there is out. */
function wayOf(movement: Movement): "in" | "out" | "within" {
  if (movement.from_quantity_after == null) return "in";
  return movement.to_quantity_after == null ? "out" : "within";
}

const LOOKS = {
  in: { icon: "package-plus", tone: "success" },
  out: { icon: "package-minus", tone: "accent" },
  within: { icon: "arrow-left-right", tone: "info" },
} as const;

function useEntry() {
  const formats = useFormats();
  return (movement: Movement): TimelineEntry => {
    const way = wayOf(movement);
    const signed = way === "out" ? `-${movement.quantity}` : movement.quantity;
    return {
      id: movement.id,
      ...LOOKS[way],
      title: <span className="person-text">{movement.product_name}</span>,
      by: <span className="code-text">{movement.sku}</span>,
      at: movement.occurred_at,
      aside: (
        <span className="font-medium whitespace-nowrap tabular">
          {way === "within" ? formats.quantity(signed, movement.unit) : formats.delta(signed)}
        </span>
      ),
      body: (
        <span className="inline-flex max-w-full items-center gap-1.5 text-muted">
          <span className="code-text truncate">{movement.from_location}</span>
          <Icon name="arrow-right" className="size-3.5 mirror-rtl" />
          <span className="code-text truncate">{movement.to_location}</span>
        </span>
      ),
    };
  };
}
