/** Asks for a link to set a new password. The answer is the same for every address. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { Form } from "@/ui/form/Form";
import { TextInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { BackToLogIn } from "./BackToLogIn";
import { Notice } from "./Notice";

const schema = z.object({ email: z.email().check(z.maxLength(254)) });

export function ForgotPasswordPage() {
  const { t } = useTranslation("auth");
  const form = useApiForm({
    schema,
    defaults: { email: "" },
    send: (body) => answer(api.POST("/api/v1/auth/forgot-password", { body })),
  });
  const sent = form.write.isSuccess ? form.write.variables.email : undefined;
  return (
    <AuthLayout title={t("forgot.title")} description={sent ? undefined : t("forgot.text")} footer={<BackToLogIn />}>
      {sent ? (
        <Notice tone="success">{t("forgot.sent", { email: sent })}</Notice>
      ) : (
        <Form form={form} submitLabel={t("forgot.submit")} submit={{ fullWidth: true, size: "lg" }}>
          <TextInput name="email" label={t("email")} type="email" autoComplete="username" autoFocus isRequired />
        </Form>
      )}
    </AuthLayout>
  );
}
