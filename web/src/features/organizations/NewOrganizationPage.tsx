/** A further organization, for who is logged in. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zOrganizationIn } from "@/api/zod.gen";
import { AuthLayout } from "@/app/AuthLayout";
import { Form } from "@/ui/form/Form";
import { TextInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { Building } from "../signup/Building";
import { PlanField } from "../signup/PlanField";
import { SlugField } from "../signup/SlugField";
import { useAccountSession } from "./useAccountSession";

export function NewOrganizationPage() {
  const { t } = useTranslation("organizations");
  const { account, problem } = useAccountSession();
  const [founded, setFounded] = useState<Schema<"FoundedOut">>();
  const form = useApiForm<Schema<"OrganizationIn">, Schema<"FoundedOut">>({
    schema: zOrganizationIn,
    defaults: { name: "", slug: "" },
    codes: { SLUG_TAKEN: "slug" },
    send: async (body, { key }) =>
      (await answer(api.POST("/api/v1/organizations", { params: { header: { "Idempotency-Key": key } }, body }))).data,
    onSuccess: setFounded,
  });
  if (founded)
    return (
      <Building
        founded={founded}
        name={form.write.variables?.name ?? founded.slug}
        onAgain={() => {
          setFounded(undefined);
          void form.submit();
        }}
      />
    );
  return (
    <AuthLayout
      isWide
      isBusy={!account && !problem}
      title={t("new_title")}
      footer={
        <Link to="/organizations" className="font-medium text-link underline">
          {t("back")}
        </Link>
      }
    >
      <Form form={form} submitLabel={t("create")} submit={{ fullWidth: true, size: "lg" }}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextInput name="name" label={t("name")} autoComplete="organization" autoFocus isRequired />
          <SlugField from="name" />
        </div>
        <PlanField />
      </Form>
    </AuthLayout>
  );
}
