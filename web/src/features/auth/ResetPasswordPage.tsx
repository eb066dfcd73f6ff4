/** What the link of a reset mail opens: a new password, then log in with it. Every session of the account ends. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { ButtonLink } from "@/ui/Button";
import { Form } from "@/ui/form/Form";
import { useApiForm } from "@/ui/form/useApiForm";
import { takeFragment } from "./hand-over";
import { NewPassword } from "./NewPassword";
import { Notice } from "./Notice";

const schema = z.object({ password: z.string().check(z.minLength(10), z.maxLength(128)) });

export function ResetPasswordPage() {
  const { t } = useTranslation("auth");
  const [token] = useState(() => takeFragment().get("token") ?? "");
  const form = useApiForm({
    schema,
    defaults: { password: "" },
    send: ({ password }) => answer(api.POST("/api/v1/auth/reset-password", { body: { token, password } })),
  });
  const again = (
    <Link to="/forgot-password" className="font-medium text-link underline">
      {t("reset.again")}
    </Link>
  );
  if (form.write.isSuccess)
    return (
      <AuthLayout title={t("reset.done")}>
        <Notice tone="success">{t("reset.done_text")}</Notice>
        <ButtonLink to="/log-in" variant="primary" fullWidth className="mt-5">
          {t("log_in.title")}
        </ButtonLink>
      </AuthLayout>
    );
  return (
    <AuthLayout title={t("reset.title")} footer={again}>
      {token ? (
        <Form form={form} submitLabel={t("reset.submit")} submit={{ fullWidth: true, size: "lg" }}>
          <NewPassword name="password" label={t("reset.new_password")} autoFocus />
        </Form>
      ) : (
        <Notice tone="warning">{t("link_incomplete")}</Notice>
      )}
    </AuthLayout>
  );
}
