/** A tenant for somebody: with an account that exists as its owner, or a new one. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zTenantIn } from "@/api/zod.gen";
import { OperatorGate } from "@/app/operator-access";
import { useFormats } from "@/i18n";
import { ErrorPanel, Form, Page, PasswordInput, Section, SelectInput, TextInput, useApiForm } from "@/ui";
import { planVersionsQuery } from "../plans/plan-versions";
import { SlugField } from "../signup/SlugField";

export function NewTenantPage() {
  return (
    <OperatorGate permission="platform.tenants.create">
      <NewTenant />
    </OperatorGate>
  );
}

function NewTenant() {
  const { t } = useTranslation("tenants");
  const formats = useFormats();
  const navigate = useNavigate();
  const plans = useQuery(planVersionsQuery);
  const onSale = (plans.data ?? []).filter(({ status }) => status === "active");
  const form = useApiForm<Schema<"TenantIn">, Schema<"FoundedOut">>({
    schema: zTenantIn,
    defaults: { name: "", slug: "", owner: { email: "", display_name: "", password: "" } },
    codes: { SLUG_TAKEN: "slug", UNKNOWN_PLAN: "plan" },
    // "It has no account yet: a name and a password make one" is about the address.
    fieldOf: (field) => (field === "owner" ? "owner.email" : field),
    invalidates: [["/api/v1/tenants"], ["/api/v1/admin/operations"]],
    send: async (body, { key }) =>
      (await answer(api.POST("/api/v1/tenants", { params: { header: { "Idempotency-Key": key } }, body }))).data,
    onSuccess: ({ organization_id }) => navigate({ to: "/operator/tenants/$id", params: { id: organization_id } }),
  });
  return (
    <Page
      title={t("new")}
      description={t("new_text")}
      breadcrumbs={[{ label: t("title"), link: { to: "/operator/tenants" } }]}
    >
      <div className="max-w-3xl">
        <Section>
          <Form form={form} submitLabel={t("create")} className="grid gap-5">
            <div className="grid gap-4 sm:grid-cols-2">
              <TextInput name="name" label={t("name")} autoFocus isRequired />
              <SlugField from="name" />
            </div>
            {plans.error && !plans.data && (
              <ErrorPanel error={plans.error} onRetry={() => void plans.refetch()} compact />
            )}
            <SelectInput
              name="plan"
              label={t("plan")}
              isRequired={false}
              choices={onSale.map(({ key, name, price_monthly }) => ({
                id: key,
                label: name,
                description: t("price_month", { price: formats.money(price_monthly) }),
              }))}
            />
            <fieldset className="grid gap-4">
              <legend className="mb-3 text-base font-semibold">{t("owner")}</legend>
              <TextInput
                name="owner.email"
                label={t("owner_email")}
                description={t("owner_email_hint")}
                type="email"
                isRequired
              />
              <div className="grid gap-4 sm:grid-cols-2">
                <TextInput name="owner.display_name" label={t("owner_name")} isRequired={false} />
                <PasswordInput
                  name="owner.password"
                  label={t("owner_password")}
                  autoComplete="new-password"
                  isRequired={false}
                />
              </div>
            </fieldset>
          </Form>
        </Section>
      </div>
    </Page>
  );
}
