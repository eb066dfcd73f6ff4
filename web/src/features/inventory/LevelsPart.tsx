/** Where a product lies: each variant at each place, corrected where it stands. */
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { Badge, EmptyState, ErrorPanel, Section, SkeletonText, useList } from "@/ui";
import { Correcting } from "./Correcting";
import type { Level } from "./levels";
import { OnHand } from "./OnHand";

export function LevelsPart({ productId }: { productId: string }) {
  const { t } = useTranslation("inventory");
  const formats = useFormats();
  const list = useList({
    path: "/api/v1/inventory",
    state: {},
    fixed: { product_id: productId, sort: "location,sku" },
    hasTotal: false,
  });
  const [first] = list.rows;
  // One product has one unit, so that its levels may be added up.
  const total = decimal.sum(list.rows.map(({ on_hand }) => on_hand));
  return (
    <Section
      flush
      title={t("where")}
      description={first && !list.hasMore && t("in_all", { quantity: formats.quantity(total, first.unit) })}
    >
      {list.problem && (
        <div className="p-4">
          <ErrorPanel error={list.problem} onRetry={list.retry} compact />
        </div>
      )}
      {list.isPending && (
        <div className="px-5 pb-5" aria-busy="true">
          <SkeletonText />
        </div>
      )}
      {!list.isPending && !list.problem && list.rows.length === 0 && (
        <EmptyState icon="boxes" title={t("never_held")}>
          {t("never_held_text")}
        </EmptyState>
      )}
      {list.rows.length > 0 && (
        <Correcting>
          <div className="scrollbar overflow-x-auto">
            <table className="w-full">
              <thead>
                <tr className="border-y border-separator bg-surface-secondary text-xs text-muted">
                  <th scope="col" className="px-4 py-2 text-start font-medium sm:px-5">
                    {t("location")}
                  </th>
                  <th scope="col" className="px-3 py-2 text-start font-medium">
                    {t("sku")}
                  </th>
                  <th scope="col" className="px-3 py-2 text-end font-medium">
                    {t("available")}
                  </th>
                  <th scope="col" className="px-4 py-2 text-end font-medium sm:px-5">
                    {t("on_hand")}
                  </th>
                </tr>
              </thead>
              <tbody className="divide-y divide-separator">
                {list.rows.map((level) => (
                  <tr key={level.id}>
                    <td className="px-4 py-2 sm:px-5">
                      <span className="person-text">{level.location_name}</span>
                    </td>
                    <td className="px-3 py-2">
                      <span className="code-text">{level.sku}</span>
                    </td>
                    <td className="px-3 py-2 text-end tabular">
                      <Available level={level} />
                    </td>
                    <td className="px-4 py-2 text-end sm:px-5">
                      <OnHand level={level} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Correcting>
      )}
    </Section>
  );
}

/** What can be promised; said loudly where it is little. */
export function Available({ level }: { level: Level }) {
  const { t } = useTranslation("inventory");
  const formats = useFormats();
  const figure = formats.quantity(level.available, level.unit);
  if (decimal.sign(level.available) <= 0)
    return (
      <Badge tone="danger">
        {figure} · {t("out")}
      </Badge>
    );
  if (decimal.compare(level.available, level.safety_stock) <= 0)
    return (
      <Badge tone="warning">
        {figure} · {t("low")}
      </Badge>
    );
  return <span className="tabular">{figure}</span>;
}
