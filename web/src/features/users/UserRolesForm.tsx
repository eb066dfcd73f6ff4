/** Gives roles to somebody and takes them; it bites at once, and "Undo" takes it back. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, useWrite } from "@/api";
import { Button, Form, toast, useApiForm } from "@/ui";
import { RolesField } from "../roles/RolesField";
import { PEOPLE_QUERIES, type User } from "./people";
import { rolesPatch } from "./roles-patch";

const schema = z.object({ roles: z.array(z.string()) });
const INVALIDATES = [...PEOPLE_QUERIES, ["me"]];

export function UserRolesForm({ user }: { user: User }) {
  const { t } = useTranslation("users");
  const assign = (before: string[], after: string[]) =>
    answer(
      api.PATCH("/api/v1/users/{id}/roles", { params: { path: { id: user.id } }, body: rolesPatch(before, after) }),
    );
  const back = useWrite<string[], { data: User }>({
    send: (given) => assign(given, user.roles),
    invalidates: INVALIDATES,
  });
  const form = useApiForm<{ roles: string[] }, { data: User }>({
    schema,
    defaults: { roles: user.roles },
    invalidates: INVALIDATES,
    send: ({ roles }) => assign(user.roles, roles),
    onSuccess: ({ data }) =>
      void toast.success(t("roles_saved", { name: user.display_name }), { undo: () => back.mutateAsync(data.roles) }),
  });
  const { isDirty } = form.fields.formState;
  return (
    <Form form={form}>
      <RolesField name="roles" label={t("roles")} isLabelHidden />
      <div className="flex justify-end">
        <Button type="submit" variant="primary" isDisabled={!isDirty} isPending={form.write.isPending}>
          {t("save_roles")}
        </Button>
      </div>
    </Form>
  );
}
