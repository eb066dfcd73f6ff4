/**
 * Sign-up. The organization is built while its steps are shown; meanwhile the person is logged in already, so that the
 * workspace opens with the last step.
 */
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zSignupIn } from "@/api/zod.gen";
import { AuthLayout } from "@/app/AuthLayout";
import { Form } from "@/ui/form/Form";
import { TextInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { NewPassword } from "../auth/NewPassword";
import { Building } from "./Building";
import { logInAhead } from "./log-in-ahead";
import { PlanField } from "./PlanField";
import { SlugField } from "./SlugField";

type SignupIn = Schema<"SignupIn">;

export function SignUpPage() {
  const { t } = useTranslation("signup");
  const { plan } = useSearch({ from: "/public/sign-up" });
  const [founded, setFounded] = useState<Schema<"FoundedOut">>();
  const form = useApiForm<SignupIn, Schema<"FoundedOut">>({
    schema: zSignupIn,
    defaults: { organization: "", slug: "", display_name: "", email: "", password: "", plan },
    codes: { SLUG_TAKEN: "slug", EMAIL_TAKEN: "email", INVALID_CREDENTIALS: "password" },
    send: async (body, { key }) => {
      const { data } = await answer(
        api.POST("/api/v1/signup", { params: { header: { "Idempotency-Key": key } }, body }),
      );
      logInAhead({ email: body.email, password: body.password });
      return data;
    },
    onSuccess: setFounded,
  });
  const input = form.write.variables;
  if (founded && input)
    return (
      <Building
        founded={founded}
        name={input.organization}
        onAgain={() => {
          setFounded(undefined);
          void form.submit();
        }}
      />
    );
  return (
    <AuthLayout
      isWide
      title={t("title")}
      description={t("text")}
      footer={
        <p>
          {t("known")}{" "}
          <Link to="/log-in" className="font-medium text-link underline">
            {t("log_in")}
          </Link>
        </p>
      }
    >
      <Form form={form} submitLabel={t("submit")} submit={{ fullWidth: true, size: "lg" }}>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextInput name="organization" label={t("organization")} autoComplete="organization" autoFocus isRequired />
          <SlugField from="organization" />
          <TextInput name="display_name" label={t("display_name")} autoComplete="name" isRequired />
          <TextInput name="email" label={t("email")} type="email" autoComplete="username" isRequired />
        </div>
        <NewPassword name="password" label={t("password")} avoid={["email", "display_name", "organization"]} />
        <PlanField />
      </Form>
    </AuthLayout>
  );
}
