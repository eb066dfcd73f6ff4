/** Another password. Every other session of the account ends with it. */
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zPasswordChangeIn } from "@/api/zod.gen";
import { Form } from "@/ui/form/Form";
import { PasswordInput } from "@/ui/form/fields";
import { useApiForm } from "@/ui/form/useApiForm";
import { Section } from "@/ui/Page";
import { toast } from "@/ui/toast";
import { NewPassword } from "../auth/NewPassword";

export function PasswordPart() {
  const { t } = useTranslation("account");
  const defaults = { current_password: "", new_password: "" };
  const form = useApiForm<Schema<"PasswordChangeIn">>({
    schema: zPasswordChangeIn,
    defaults,
    codes: { INVALID_CREDENTIALS: "current_password" },
    invalidates: [["/api/v1/sessions"]],
    send: (body) => answer(api.POST("/api/v1/account/password", { body })),
    onSuccess: () => {
      form.fields.reset(defaults);
      toast.success(t("password_changed"));
    },
  });
  return (
    <Section title={t("password")} description={t("password_text")}>
      <Form form={form} submitLabel={t("password_submit")} className="grid max-w-md gap-4">
        <PasswordInput
          name="current_password"
          label={t("current_password")}
          autoComplete="current-password"
          isRequired
        />
        <NewPassword name="new_password" label={t("new_password")} />
      </Form>
    </Section>
  );
}
