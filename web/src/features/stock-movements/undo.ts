/** Takes back what was posted by its opposite. A posting stays in the ledger; so does what undid it. */
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { toast } from "@/ui";

export type Posting = Schema<"PostingOut">;

/** Everything that shows stock or what moved. */
export const STOCK_KEYS: string[][] = [
  ["/api/v1/inventory"],
  ["/api/v1/inventory/history/{product_id}"],
  ["/api/v1/inventory/activity"],
  ["/api/v1/stock-movements"],
  ["/api/v1/onboarding"],
];

export function readStockAgain(queries: QueryClient) {
  return Promise.all(STOCK_KEYS.map((queryKey) => queries.invalidateQueries({ queryKey })));
}

export async function reverse(queries: QueryClient, movementId: string, scope: "movement" | "batch", key: string) {
  const reversed = await answer(
    api.POST("/api/v1/stock-movements/{id}/reverse", {
      params: { path: { id: movementId }, header: { "Idempotency-Key": key } },
      body: { scope },
    }),
  );
  await readStockAgain(queries);
  return reversed.data;
}

/** What "Undo" beside a notice does for a posting: pressed again after a time-out, it still happens once. */
export function useUndo(): (posting: Posting) => () => Promise<unknown> {
  const queries = useQueryClient();
  const { t } = useTranslation("stock-movements");
  return useCallback(
    (posting) => {
      const key = crypto.randomUUID();
      return async () => {
        const [first] = posting.movements;
        if (!first) return;
        await reverse(queries, first.id, "batch", key);
        toast.success(t("undone"));
      };
    },
    [queries, t],
  );
}
