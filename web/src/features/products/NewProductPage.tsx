/** A new product, with its variants. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zProductIn } from "@/api/zod.gen";
import { PageGate } from "@/app/access";
import { Button, ButtonLink, Form, Page, Section, SelectInput, toast, useApiForm } from "@/ui";
import { LeaveGuard } from "../editing/LeaveGuard";
import { NameFields, OrderFields, StockFields } from "./ProductFields";
import { useCurrency } from "./useCurrency";
import { NEW_VARIANT, VariantRows } from "./VariantRows";
import type { Product } from "./variants";

export function NewProductPage() {
  return (
    <PageGate permission="products.write">
      <NewProduct />
    </PageGate>
  );
}

function NewProduct() {
  const { t } = useTranslation("products");
  const { t: ui } = useTranslation("ui");
  const navigate = useNavigate();
  const currency = useCurrency();
  const form = useApiForm<Schema<"ProductIn">, { data: Product }>({
    schema: zProductIn,
    defaults: {
      name: "",
      description: "",
      status: "active",
      kind: "stocked",
      unit: "",
      brand: "",
      tags: [],
      variants: [NEW_VARIANT],
    },
    invalidates: [["/api/v1/products"], ["/api/v1/tags"], ["/api/v1/onboarding"]],
    send: (body, { key }) =>
      answer(api.POST("/api/v1/products", { params: { header: { "Idempotency-Key": key } }, body })),
    onSuccess: ({ data }) => {
      form.fields.reset(form.fields.getValues());
      toast.success(t("created", { name: data.name }));
      void navigate({ to: "/products/$id", params: { id: data.id }, replace: true, ignoreBlocker: true });
    },
  });
  return (
    <Page title={t("new")} breadcrumbs={[{ label: t("title"), link: { to: "/products" } }]}>
      <LeaveGuard isDirty={form.fields.formState.isDirty && !form.write.isSuccess} />
      <Form form={form} className="grid items-start gap-5 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
        <div className="grid gap-5">
          <Section title={t("product")}>
            <NameFields autoFocus />
          </Section>
          <Section title={t("variants")} description={t("variants_text")}>
            <VariantRows currency={currency} />
          </Section>
        </div>
        <div className="grid gap-5">
          <Section title={t("order")}>
            <div className="grid gap-4">
              <SelectInput
                name="status"
                label={t("status")}
                choices={[
                  { id: "active", label: ui("status.active"), description: t("active_hint") },
                  { id: "draft", label: ui("status.draft"), description: t("draft_hint") },
                ]}
              />
              <OrderFields />
            </div>
          </Section>
          <Section title={t("counting")}>
            <StockFields />
          </Section>
        </div>
        <div className="sticky bottom-0 -mx-4 flex justify-end gap-2 border-t border-border bg-background/95 px-4 py-3 backdrop-blur sm:mx-0 sm:px-0 lg:col-span-2">
          <ButtonLink to="/products" variant="ghost">
            {ui("form.cancel")}
          </ButtonLink>
          <Button type="submit" variant="primary" isPending={form.write.isPending}>
            {t("create")}
          </Button>
        </div>
      </Form>
    </Page>
  );
}
