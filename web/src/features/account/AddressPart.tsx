/** The e-mail address, and whether it is proved. */
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Moment } from "@/ui/data/Timeline";
import { Section } from "@/ui/Page";
import { toast } from "@/ui/toast";
import type { Account } from "./account";

export function AddressPart({ account: { email, email_verified_at, created_at } }: { account: Account }) {
  const { t } = useTranslation("account");
  const again = useWrite({
    send: () => answer(api.POST("/api/v1/auth/verify-email/resend", { body: { email } })),
    onSuccess: () => toast.success(t("proof_sent")),
    onError: toast.problem,
  });
  return (
    <Section title={t("email")} description={t("email_text")}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="code-text break-all">{email}</span>
        {email_verified_at ? (
          <Badge tone="success" icon="check">
            {t("proved")}
          </Badge>
        ) : (
          <>
            <Badge tone="warning">{t("unproved")}</Badge>
            <Button size="sm" isPending={again.isPending} onPress={() => again.mutate()}>
              {t("prove")}
            </Button>
          </>
        )}
      </div>
      <p className="mt-3 text-xs text-muted">
        {t("since")} <Moment at={created_at} exact />
      </p>
    </Section>
  );
}
