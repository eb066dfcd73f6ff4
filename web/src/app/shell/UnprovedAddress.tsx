/** Says that the address is not proved yet: until then nobody can be invited and nothing paid. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { toast } from "@/ui";
import { sessionQuery } from "../session";

export function UnprovedAddress() {
  const { t } = useTranslation("app");
  const account = useQuery(sessionQuery).data?.account;
  const again = useWrite<string>({
    send: (email) => answer(api.POST("/api/v1/auth/verify-email/resend", { body: { email } })),
    onSuccess: () => toast.success(t("unproved.sent")),
    onError: toast.problem,
  });
  if (!account || account.email_verified_at) return null;
  return (
    <p role="status" className="bg-info-soft px-4 py-2 text-center text-pretty text-info-soft-foreground">
      {t("unproved.text", { email: account.email })}{" "}
      <button
        type="button"
        disabled={again.isPending}
        className="font-medium underline"
        onClick={() => again.mutate(account.email)}
      >
        {t("unproved.again")}
      </button>
    </p>
  );
}
