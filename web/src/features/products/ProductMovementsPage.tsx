/** What moved of a product, newest first. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate } from "@/app/access";
import { Button, EmptyState, ErrorPanel, Section, SkeletonText, Timeline, useList } from "@/ui";
import { MovementDrawer } from "../stock-movements/MovementDrawer";
import { useMovementEntries } from "../stock-movements/MovementLine";
import type { Movement } from "../stock-movements/movement";
import { ProductFrame } from "./ProductFrame";

export function ProductMovementsPage() {
  return (
    <ProductFrame>
      {({ id }) => (
        <PageGate permission="inventory.read">
          <Ledger productId={id} />
        </PageGate>
      )}
    </ProductFrame>
  );
}

function Ledger({ productId }: { productId: string }) {
  const { t } = useTranslation("products");
  const [open, setOpen] = useState<Movement | string>();
  const entry = useMovementEntries(setOpen);
  const list = useList({
    path: "/api/v1/inventory/history/{product_id}",
    params: { product_id: productId },
    state: {},
    hasTotal: false,
    batch: 50,
  });
  return (
    <Section
      title={t("movements")}
      actions={
        list.rows.length > 0 && (
          <Link to="/stock-movements" search={{ product_id: productId }} className="text-link underline">
            {t("as_list")}
          </Link>
        )
      }
    >
      {list.isPending && <SkeletonText lines={8} />}
      {list.problem && <ErrorPanel error={list.problem} onRetry={list.retry} compact />}
      {!list.isPending && !list.problem && list.rows.length === 0 && (
        <EmptyState icon="history" title={t("no_movements")}>
          {t("no_movements_text")}
        </EmptyState>
      )}
      <Timeline label={t("movements")} entries={list.rows.map(entry)} />
      {list.hasMore && (
        <div className="mt-4 flex justify-center">
          <Button isPending={list.isLoadingMore} onPress={list.loadMore}>
            {t("older")}
          </Button>
        </div>
      )}
      {open && (
        <MovementDrawer
          key={typeof open === "string" ? open : open.id}
          movement={open}
          onOpen={setOpen}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Section>
  );
}
