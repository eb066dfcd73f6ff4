/** What is running low: no more available than is kept back. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { PermissionGate } from "@/app/access";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { EmptyState, SkeletonText } from "@/ui";
import { Panel } from "./Panel";
import { anyLevelQuery, LOW_LEVELS, lowLevelsQuery } from "./queries";
import { ReceiveLink } from "./ReceiveLink";

export function LowPanel() {
  const { t } = useTranslation("dashboard");
  const query = useQuery(lowLevelsQuery);
  return (
    <Panel
      title={t("low.title")}
      description={t("low.text")}
      query={query}
      skeleton={<SkeletonText lines={8} />}
      more={{ label: t("low.all"), link: LOW_LEVELS }}
    >
      {({ levels }) =>
        levels.length === 0 ? (
          <NothingLow />
        ) : (
          <ul className="-my-2.5 divide-y divide-separator">
            {levels.map((level) => (
              <LowLevel key={level.id} level={level} />
            ))}
          </ul>
        )
      }
    </Panel>
  );
}

function LowLevel({ level }: { level: Schema<"LevelOut"> }) {
  const { t } = useTranslation("dashboard");
  const formats = useFormats();
  const name = [level.product_name, level.variant_name].filter(Boolean).join(", ");
  return (
    <li className="flex items-center justify-between gap-4 py-2.5">
      <div className="min-w-0">
        <p dir="auto" className="person-text truncate font-medium">
          <PermissionGate permission="products.read" fallback={name}>
            <Link to="/products/$id" params={{ id: level.product_id }} className="hover:underline">
              {name}
            </Link>
          </PermissionGate>
        </p>
        <p dir="auto" className="person-text truncate text-xs text-muted">
          {level.location_name}
        </p>
      </div>
      <p className="shrink-0 text-end leading-tight">
        <span className="font-semibold text-warning-soft-foreground tabular">
          {formats.quantity(level.available, level.unit)}
        </span>
        <span className="block text-xs text-muted tabular">
          {decimal.sign(level.safety_stock) > 0
            ? t("low.kept", { quantity: formats.quantity(level.safety_stock, level.unit) })
            : t("low.out")}
        </span>
      </p>
    </li>
  );
}

function NothingLow() {
  const { t } = useTranslation("dashboard");
  const { data: isStocked } = useQuery(anyLevelQuery);
  if (isStocked)
    return (
      <EmptyState icon="circle-check" title={t("low.none")}>
        {t("low.none_text")}
      </EmptyState>
    );
  return (
    <EmptyState icon="boxes" title={t("low.empty")} actions={<ReceiveLink />}>
      {t("low.empty_text")}
    </EmptyState>
  );
}
