/** Changes to a product; its variants are changed one by one on its page. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, type Schema } from "@/api";
import { zProductIn } from "@/api/zod.gen";
import { PageGate } from "@/app/access";
import { Button, ButtonLink, ErrorPanel, Form, Page, Section, SkeletonText, toast } from "@/ui";
import { useCategories } from "../categories/useCategories";
import { EditConflict } from "../editing/EditConflict";
import { LeaveGuard } from "../editing/LeaveGuard";
import { useEditForm } from "../editing/useEditForm";
import { NameFields, OrderFields, StockFields } from "./ProductFields";
import { productQuery } from "./productQuery";
import type { Product } from "./variants";

type Values = Pick<Schema<"ProductIn">, "name" | "description" | "kind" | "unit" | "category_id" | "brand" | "tags">;

const schema = z.pick(zProductIn, {
  name: true,
  description: true,
  kind: true,
  unit: true,
  category_id: true,
  brand: true,
  tags: true,
});

export function EditProductPage() {
  return (
    <PageGate permission="products.write">
      <Loaded />
    </PageGate>
  );
}

function Loaded() {
  const { t } = useTranslation("products");
  const { id } = useParams({ from: "/workspace/products/$id/edit" });
  const { data, error, refetch } = useQuery({ ...productQuery(id), staleTime: 0 });
  if (data) return <EditProduct key={id} product={data.data} />;
  return (
    <Page title={t("edit")} breadcrumbs={[{ label: t("title"), link: { to: "/products" } }]}>
      {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <SkeletonText lines={8} />}
    </Page>
  );
}

function EditProduct({ product }: { product: Product }) {
  const { t } = useTranslation("products");
  const { t: ui } = useTranslation("ui");
  const navigate = useNavigate();
  const { byId } = useCategories();
  const own = { to: "/products/$id", params: { id: product.id } } as const;
  const form = useEditForm<Values, Values, Product>({
    schema,
    current: product,
    toForm: ({ name, description, kind, unit, category_id, brand, tags }) => ({
      name,
      description,
      kind,
      unit,
      category_id: category_id ?? undefined,
      brand: brand ?? "",
      tags,
    }),
    toBody: (values) => ({ ...values, unit: values.unit || "each", tags: values.tags ?? [] }),
    codes: { PRODUCT_HAS_MOVEMENTS: "unit", PRODUCT_STATUS: "kind" },
    invalidates: [["/api/v1/products"], ["/api/v1/tags"], ["/api/v1/categories"]],
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/products/{id}", {
          params: { path: { id: product.id }, header: { "If-Match": etag } },
          // Absent stays as it is; the generated type wants nulls for what may be left out.
          body: patch as Schema<"ProductPatch">,
        }),
      ),
    onSuccess: ({ name }) => {
      toast.success(t("saved", { name }));
      void navigate({ ...own, ignoreBlocker: true });
    },
  });
  const label = (field: keyof Values) => t(field === "category_id" ? "category" : field);
  return (
    <Page
      title={t("edit_name", { name: product.name })}
      breadcrumbs={[
        { label: t("title"), link: { to: "/products" } },
        { label: product.name, link: own },
      ]}
    >
      <LeaveGuard isDirty={form.isDirty && !form.write.isSuccess} />
      <Form form={form} className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        {form.conflict && (
          <div className="lg:col-span-2">
            <EditConflict
              conflict={form.conflict}
              label={label}
              show={(field, value) => {
                if (field === "category_id") return byId.get(String(value))?.path.join(" › ");
                if (field === "kind") return t(`kinds.${value as "stocked"}`);
                return undefined;
              }}
            />
          </div>
        )}
        <Section title={t("product")}>
          <NameFields autoFocus />
        </Section>
        <div className="grid gap-5">
          <Section title={t("order")}>
            <OrderFields />
          </Section>
          <Section title={t("counting")}>
            <StockFields isKindFixed={product.status !== "draft"} />
          </Section>
        </div>
        <div className="sticky bottom-0 -mx-4 flex justify-end gap-2 border-t border-border bg-background/95 px-4 py-3 backdrop-blur sm:mx-0 sm:px-0 lg:col-span-2">
          <ButtonLink {...own} variant="ghost">
            {ui("form.cancel")}
          </ButtonLink>
          <Button type="submit" variant="primary" isPending={form.write.isPending}>
            {ui("form.save")}
          </Button>
        </div>
      </Form>
    </Page>
  );
}
