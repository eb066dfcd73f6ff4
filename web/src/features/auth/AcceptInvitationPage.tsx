/**
 * What the link of an invitation opens: whose it is, then a password (the account's, or one for a new account), then in.
 * Two steps of the API that are one for the person: the control plane proves the address, the organization lets them in.
 */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, asProblem, type Schema } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { sessionQuery } from "@/app/session";
import { useFormats } from "@/i18n";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { Form } from "@/ui/form/Form";
import { PasswordInput, TextInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { SkeletonText } from "@/ui/Skeleton";
import { acceptInvitation } from "./accept-invitation";
import { BackToLogIn } from "./BackToLogIn";
import { takeFragment } from "./hand-over";
import { NewPassword } from "./NewPassword";
import { Notice } from "./Notice";

const here = z.object({ password: z.optional(z.string()), display_name: z.optional(z.string()) });
const known = z.object({ password: z.string().check(z.minLength(1)), display_name: z.optional(z.string()) });
const unknown = z.object({
  display_name: z.string().check(z.minLength(1), z.maxLength(200)),
  password: z.string().check(z.minLength(10), z.maxLength(128)),
});

export function AcceptInvitationPage() {
  const { t } = useTranslation("auth");
  const [token] = useState(() => takeFragment().get("token") ?? "");
  const look = useQuery({
    queryKey: ["invitation", token],
    queryFn: async () => (await answer(api.POST("/api/v1/auth/invitations/look", { body: { token } }))).data,
    enabled: token !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!token || (look.error && asProblem(look.error).status < 500 && asProblem(look.error).status > 0))
    return (
      <AuthLayout title={t("invitation.title")} footer={<BackToLogIn />}>
        <Notice tone="warning">{token ? t("invitation.gone") : t("link_incomplete")}</Notice>
      </AuthLayout>
    );
  if (look.error)
    return (
      <AuthLayout title={t("invitation.title")}>
        <ErrorPanel error={look.error} onRetry={() => void look.refetch()} />
      </AuthLayout>
    );
  if (!look.data)
    return (
      <AuthLayout title={t("invitation.title")}>
        <SkeletonText />
      </AuthLayout>
    );
  return <Accept token={token} invitation={look.data} />;
}

function Accept({ token, invitation }: { token: string; invitation: Schema<"SeenInvitationOut"> }) {
  const { t } = useTranslation("auth");
  const formats = useFormats();
  const session = useQuery(sessionQuery);
  const isHere = session.data?.account?.email.toLowerCase() === invitation.email.toLowerCase();
  const form = useApiForm<{ password?: string | undefined; display_name?: string | undefined }>({
    schema: isHere ? here : invitation.account_exists ? known : unknown,
    defaults: { password: "", display_name: "" },
    codes: { INVALID_CREDENTIALS: "password" },
    send: (body) => acceptInvitation({ token, invitation, ...body }),
  });
  return (
    <AuthLayout
      title={t("invitation.to", { organization: invitation.organization.name })}
      description={t("invitation.expires", { date: formats.dateTime(invitation.expires_at) })}
    >
      <Form form={form} submitLabel={t("invitation.accept")} submit={{ fullWidth: true, size: "lg" }}>
        <div>
          <p className="text-sm font-medium">{t("email")}</p>
          <p className="code-text mt-1 rounded-lg bg-surface-secondary px-3 py-2">{invitation.email}</p>
        </div>
        {!isHere && invitation.account_exists && (
          <>
            <p className="text-muted">{t("invitation.known")}</p>
            <PasswordInput name="password" label={t("password")} autoComplete="current-password" autoFocus isRequired />
          </>
        )}
        {!isHere && !invitation.account_exists && (
          <>
            <TextInput name="display_name" label={t("display_name")} autoComplete="name" autoFocus isRequired />
            <NewPassword name="password" label={t("password")} avoid={["display_name"]} />
          </>
        )}
      </Form>
    </AuthLayout>
  );
}
