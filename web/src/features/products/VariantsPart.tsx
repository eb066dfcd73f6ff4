/** The variants of a product, and what can be done with each. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { PermissionGate, useCan } from "@/app/access";
import { Optional } from "@/app/Optional";
import { useFormats } from "@/i18n";
import { Button, EmptyState, IconButton, Menu, Section, StatusBadge, toast, useFocusAfterRemoval } from "@/ui";
import { lazyPart } from "@/ui/lazy-part";
import { etagOf } from "../editing/useEditForm";
import { variantBody, variantValues } from "./variant-values";
import type { Product, Variant } from "./variants";

const EditVariant = lazyPart(async () => (await import("./VariantDrawer")).EditVariant);
const NewVariant = lazyPart(async () => (await import("./VariantDrawer")).NewVariant);
const INVALIDATES = [["/api/v1/products"], ["/api/v1/variants"], ["/api/v1/inventory"]];

export function VariantsPart({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const variants = product.variants ?? [];
  const [open, setOpen] = useState<Variant | "new">();
  const close = () => setOpen(undefined);
  const list = useFocusAfterRemoval<HTMLUListElement>(variants.map(({ id }) => id));
  return (
    <Section
      flush
      title={t("variants")}
      actions={
        <PermissionGate permission="products.write">
          {product.status !== "archived" && (
            <Button size="sm" icon="plus" onPress={() => setOpen("new")}>
              {t("add_variant")}
            </Button>
          )}
        </PermissionGate>
      }
    >
      {variants.length === 0 ? (
        <EmptyState icon="tags" title={t("no_variants")}>
          {t("no_variants_text")}
        </EmptyState>
      ) : (
        <ul ref={list} className="divide-y divide-separator border-t border-separator">
          {variants.map((variant) => (
            <VariantRow key={variant.id} variant={variant} onEdit={() => setOpen(variant)} />
          ))}
        </ul>
      )}
      {open && (
        <Optional onFault={close}>
          {open === "new" ? (
            <NewVariant product={product} onClose={close} />
          ) : (
            <EditVariant product={product} variant={open} onClose={close} />
          )}
        </Optional>
      )}
    </Section>
  );
}

function VariantRow({ variant, onEdit }: { variant: Variant; onEdit: () => void }) {
  const { t } = useTranslation("products");
  const formats = useFormats();
  const { price, cost, barcodes, attributes } = variant;
  const more = [...Object.entries(attributes).map(([name, value]) => `${name}: ${value}`)];
  return (
    <li data-row={variant.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="flex flex-wrap items-center gap-2">
          <span className="code-text font-medium">{variant.sku}</span>
          {variant.name && <span className="person-text">{variant.name}</span>}
          {variant.status !== "active" && <StatusBadge status={variant.status} />}
        </p>
        {(barcodes.length > 0 || more.length > 0) && (
          <p className="mt-0.5 flex flex-wrap gap-x-3 text-xs text-muted">
            {barcodes.map(({ barcode }) => (
              <span key={barcode} className="code-text">
                {barcode}
              </span>
            ))}
            {more.map((text) => (
              <span key={text} className="person-text">
                {text}
              </span>
            ))}
          </p>
        )}
      </div>
      <dl className="ms-auto flex gap-4 text-end">
        <div className="min-w-18">
          <dt className="text-xs text-muted">{t("price")}</dt>
          <dd className="tabular">{price ? formats.money(price) : "–"}</dd>
        </div>
        <div className="min-w-18">
          <dt className="text-xs text-muted">{t("cost")}</dt>
          <dd className="tabular">{cost ? formats.money(cost) : "–"}</dd>
        </div>
      </dl>
      <PermissionGate permission="products.write">
        <VariantActions variant={variant} onEdit={onEdit} />
      </PermissionGate>
    </li>
  );
}

function VariantActions({ variant, onEdit }: { variant: Variant; onEdit: () => void }) {
  const { t } = useTranslation("products");
  const can = useCan();
  const patch = (of: Variant, status: Variant["status"]) =>
    answer(
      api.PATCH("/api/v1/variants/{id}", {
        params: { path: { id: of.id }, header: { "If-Match": etagOf(of) } },
        body: { status } as Schema<"VariantPatch">,
      }),
    );
  const back = useWrite<Variant>({
    send: (saved) => patch(saved, saved.status === "active" ? "archived" : "active"),
    invalidates: INVALIDATES,
  });
  const told = (saved: Variant) =>
    toast.success(t(saved.status === "active" ? "became.active" : "became.archived", { name: saved.sku }), {
      undo: () => back.mutateAsync(saved),
    });
  const change = useWrite<Variant["status"], { data: Variant }>({
    send: (status) => patch(variant, status),
    invalidates: INVALIDATES,
    onSuccess: ({ data }) => told(data),
    onError: toast.problem,
  });
  const again = useWrite({
    send: (_: undefined, { key }) =>
      answer(
        api.POST("/api/v1/products/{id}/variants", {
          params: { path: { id: variant.product_id }, header: { "Idempotency-Key": key } },
          body: variantBody(variantValues(variant)),
        }),
      ),
    invalidates: INVALIDATES,
  });
  const remove = useWrite<undefined, { data?: Variant }>({
    send: () =>
      answer(
        api.DELETE("/api/v1/variants/{id}", {
          params: { path: { id: variant.id }, header: { "If-Match": etagOf(variant) } },
        }),
      ) as Promise<{ data?: Variant }>,
    invalidates: INVALIDATES,
    onSuccess: ({ data }) => {
      if (data) return told(data);
      toast.success(t("deleted", { name: variant.sku }), { undo: () => again.mutateAsync(undefined) });
    },
    onError: toast.problem,
  });
  if (!can("products.write")) return null;
  const isArchived = variant.status === "archived";
  return (
    <div className="flex">
      <IconButton icon="pencil" label={t("edit_variant", { sku: variant.sku })} onPress={onEdit} />
      <Menu
        label={t("more_of", { sku: variant.sku })}
        sections={[
          {
            id: "further",
            actions: [
              {
                id: "status",
                label: isArchived ? t("restore") : t("archive"),
                icon: isArchived ? "rotate-ccw" : "archive",
                onAction: () => change.mutate(isArchived ? "active" : "archived"),
              },
              {
                id: "delete",
                label: t("delete"),
                icon: "trash-2",
                isDanger: true,
                onAction: () => remove.mutate(undefined),
              },
            ],
          },
        ]}
      >
        <IconButton icon="ellipsis" label={t("more_of", { sku: variant.sku })} />
      </Menu>
    </div>
  );
}
