/** What becomes of a product as a whole: offered, put away, brought back, deleted. Each can be taken back. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { toast } from "@/ui";
import { etagOf } from "../editing/useEditForm";
import type { Product } from "./variants";

type Status = Schema<"ProductStatus">;

const INVALIDATES = [["/api/v1/products"], ["/api/v1/categories"], ["/api/v1/inventory"]];

export function useProductActions() {
  const { t } = useTranslation("products");
  const navigate = useNavigate();
  const patch = (product: Product, status: Status) =>
    answer(
      api.PATCH("/api/v1/products/{id}", {
        params: { path: { id: product.id }, header: { "If-Match": etagOf(product) } },
        body: { status } as Schema<"ProductPatch">,
      }),
    );
  const back = useWrite<{ product: Product; status: Status }>({
    send: ({ product, status }) => patch(product, status),
    invalidates: INVALIDATES,
  });
  const again = useWrite<Product, { data: Product }>({
    send: async (product, { key }) => {
      const params = { header: { "Idempotency-Key": key } };
      const made = await answer(api.POST("/api/v1/products", { params, body: asNew(product) }));
      // Nothing is made as put away: it is put away once it is there again.
      return product.status === "archived" ? patch(made.data, "archived") : made;
    },
    invalidates: INVALIDATES,
    onSuccess: ({ data }) => navigate({ to: "/products/$id", params: { id: data.id } }),
  });
  const told = (product: Product, saved: Product) => {
    // What was offered once is no draft again: then there is nothing to take back.
    const undo =
      product.status === "draft" || product.status === saved.status
        ? undefined
        : () => back.mutateAsync({ product: saved, status: product.status });
    toast.success(t(`became.${saved.status}`, { name: saved.name }), { undo });
  };
  const change = useWrite<{ product: Product; status: Status }, { data: Product }>({
    send: ({ product, status }) => patch(product, status),
    invalidates: INVALIDATES,
    onSuccess: ({ data }, { product }) => told(product, data),
    onError: toast.problem,
  });
  const remove = useWrite<Product, { data?: Product }>({
    send: (product) =>
      answer(
        api.DELETE("/api/v1/products/{id}", {
          params: { path: { id: product.id }, header: { "If-Match": etagOf(product) } },
        }),
      ) as Promise<{ data?: Product }>,
    invalidates: INVALIDATES,
    onSuccess: async ({ data }, product) => {
      // With history it is put away instead.
      if (data) return told(product, data);
      await navigate({ to: "/products" });
      toast.success(t("deleted", { name: product.name }), { undo: () => again.mutateAsync(product) });
    },
    onError: toast.problem,
  });
  return {
    change: (product: Product, status: Status) => change.mutate({ product, status }),
    remove: (product: Product) => remove.mutate(product),
    isPending: change.isPending || remove.isPending,
  };
}

/** A product that was deleted, to be made once more: all but its ids. */
export function asNew(product: Product): Schema<"ProductIn"> {
  const { name, description, status, kind, unit, category_id, brand, tags, metadata } = product;
  return {
    name,
    description,
    status: status === "archived" ? "active" : status,
    kind,
    unit,
    category_id,
    brand,
    tags,
    metadata,
    variants: (product.variants ?? []).map(
      ({ id: _, product_id: __, status: ___, version: ____, created_at, updated_at, archived_at, ...variant }) =>
        variant,
    ),
  };
}
