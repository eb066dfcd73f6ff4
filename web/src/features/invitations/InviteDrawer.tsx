/** Asks somebody to join: where the mail goes, what they will hold, and in which language it speaks to them. */
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zInvitationIn } from "@/api/zod.gen";
import { LANGUAGES } from "@/i18n";
import { Drawer, Form, SelectInput, TextInput, toast, useApiForm } from "@/ui";
import { RolesField } from "../roles/RolesField";
import { PEOPLE_QUERIES } from "../users/people";
import type { Invitation } from "./useInvitationActions";

export function InviteDrawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("invitations");
  const form = useApiForm<Schema<"InvitationIn">, { data: Invitation }>({
    schema: zInvitationIn,
    defaults: { email: "", display_name: "", roles: [] },
    codes: { USER_EXISTS: "email" },
    invalidates: PEOPLE_QUERIES,
    send: (body, { key }) =>
      answer(api.POST("/api/v1/invitations", { params: { header: { "Idempotency-Key": key } }, body })),
    onSuccess: ({ data }) => {
      toast.success(t("sent", { email: data.email }));
      onClose();
    },
  });
  return (
    <Drawer isOpen onClose={onClose} title={t("invite")} description={t("invite_text")}>
      <Form form={form} submitLabel={t("send")} submit={{ icon: "send" }} onCancel={onClose}>
        <TextInput name="email" label={t("email")} type="email" autoFocus isRequired />
        <TextInput name="display_name" label={t("name")} description={t("name_hint")} isRequired={false} />
        <RolesField name="roles" label={t("roles")} />
        <SelectInput
          name="locale"
          label={t("language")}
          placeholder={t("language_default")}
          isRequired={false}
          choices={LANGUAGES.map(({ code, name }) => ({ id: code, label: name }))}
        />
      </Form>
    </Drawer>
  );
}
