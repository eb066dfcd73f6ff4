/**
 * What the link of a verification mail opens. The token is used when the person says so, not at once: programs that open
 * the links of a mail to look for malice must not prove its address.
 */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { Button, ButtonAnchor } from "@/ui/Button";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { BackToLogIn } from "./BackToLogIn";
import { takeFragment } from "./hand-over";
import { Notice } from "./Notice";

export function VerifyEmailPage() {
  const { t } = useTranslation("auth");
  const [token] = useState(() => takeFragment().get("token") ?? "");
  const verify = useWrite({ send: () => answer(api.POST("/api/v1/auth/verify-email", { body: { token } })) });
  if (verify.isSuccess)
    return (
      <AuthLayout title={t("verify.done")}>
        <Notice tone="success">{t("verify.done_text")}</Notice>
        <ButtonAnchor variant="primary" href="/organizations" fullWidth className="mt-5">
          {t("verify.go_on")}
        </ButtonAnchor>
      </AuthLayout>
    );
  return (
    <AuthLayout title={t("verify.title")} description={token ? t("verify.text") : undefined} footer={<BackToLogIn />}>
      {token ? (
        <div className="grid gap-4">
          {verify.error && <ErrorPanel error={verify.error} compact />}
          <Button variant="primary" size="lg" fullWidth isPending={verify.isPending} onPress={() => verify.mutate()}>
            {t("verify.confirm")}
          </Button>
        </div>
      ) : (
        <Notice tone="warning">{t("link_incomplete")}</Notice>
      )}
    </AuthLayout>
  );
}
