/** Log-in of the platform's operators: another realm, with its own sessions. */
import { useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, sessionState } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { operatorQuery } from "@/app/session";
import { Form } from "@/ui/form/Form";
import { PasswordInput, TextInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { safePath } from "./hand-over";

export function OperatorLogInPage() {
  const { t } = useTranslation("auth");
  const { next, again } = useSearch({ from: "/public/operator/log-in" });
  const queries = useQueryClient();
  const form = useApiForm({
    schema: async () => (await import("./log-in-schema")).zOperatorLoginIn,
    defaults: { email: "", password: "" },
    send: (body) => answer(api.POST("/api/v1/admin/auth/session", { body })),
    onSuccess: async () => {
      await queries.resetQueries({ queryKey: operatorQuery.queryKey });
      sessionState.announce();
      if (again) window.close();
      location.assign(safePath(next) === "/" ? "/operator" : safePath(next));
    },
  });
  return (
    <AuthLayout title={t("operator.title")} description={t("operator.text")}>
      <Form form={form} submitLabel={t("log_in.submit")} submit={{ fullWidth: true, size: "lg" }}>
        <TextInput name="email" label={t("email")} type="email" autoComplete="username" autoFocus isRequired />
        <PasswordInput name="password" label={t("password")} autoComplete="current-password" isRequired />
      </Form>
    </AuthLayout>
  );
}
