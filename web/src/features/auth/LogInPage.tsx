/** Log-in: then to the organization asked for, to the only one there is, or to the choice of several. */
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, sessionState } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { sessionQuery } from "@/app/session";
import { Form } from "@/ui/form/Form";
import { PasswordInput, TextInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { handOver, safePath } from "./hand-over";

export function LogInPage() {
  const { t } = useTranslation("auth");
  const { organization, next, again, email } = useSearch({ from: "/public/log-in" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const form = useApiForm({
    schema: async () => (await import("./log-in-schema")).zLoginIn,
    defaults: { email: email ?? "", password: "" },
    send: async (body) => {
      const { data } = await answer(
        api.POST("/api/v1/auth/session", { body: { email: body.email, password: body.password } }),
      );
      queries.setQueryData(sessionQuery.queryKey, data);
      if (again && !organization) {
        // A page of the apex waits in another tab.
        sessionState.announce();
        window.close();
        return data;
      }
      const { memberships } = data;
      if (!organization && isOwnPlace(next)) {
        await navigate({ href: safePath(next) });
        return data;
      }
      const asked = memberships.find((one) => one.slug === organization);
      const only = memberships.length === 1 && !organization ? memberships[0] : undefined;
      const target = asked ?? (only?.state === "active" ? only : undefined);
      if (target) await handOver(target.slug, { next, again: again === "1" });
      else await navigate({ to: "/organizations", search: { refused: organization } });
      return data;
    },
  });
  return (
    <AuthLayout
      title={again ? t("log_in.again") : t("log_in.title")}
      description={organization ? t("log_in.to", { organization }) : undefined}
      footer={
        <p>
          {t("log_in.new_here")}{" "}
          <Link to="/sign-up" className="font-medium text-link underline">
            {t("log_in.sign_up")}
          </Link>
        </p>
      }
    >
      <Form form={form} submitLabel={t("log_in.submit")} submit={{ fullWidth: true, size: "lg" }}>
        <TextInput name="email" label={t("email")} type="email" autoComplete="username" autoFocus isRequired />
        <div>
          <PasswordInput name="password" label={t("password")} autoComplete="current-password" isRequired />
          <Link to="/forgot-password" className="mt-2 inline-block text-link underline">
            {t("log_in.forgot")}
          </Link>
        </div>
      </Form>
    </AuthLayout>
  );
}

/** A page of the account, which is at home on the apex; every other one is an organization's. */
function isOwnPlace(next: string | undefined): boolean {
  return /^\/(account|organizations)([/?]|$)/.test(safePath(next));
}
