/** Another name for a tenant. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { TextInput } from "@/ui";
import { useEditForm } from "../editing/useEditForm";
import type { DialogProps } from "./dialogs";
import { EditDialog } from "./EditDialog";
import { type Tenant, usePatchTenant } from "./tenant";

const schema = z.object({ name: z.string().check(z.minLength(1), z.maxLength(200)) });

export function RenameDialog({ opened, onClose, onChanged }: DialogProps) {
  const { t } = useTranslation("tenants");
  const patch = usePatchTenant(opened.id);
  const form = useEditForm<{ name: string }, { name: string }, Tenant>({
    schema,
    current: opened,
    toForm: ({ name }) => ({ name }),
    toBody: ({ name }) => ({ name }),
    send: patch,
    onSuccess: (next) => onChanged(next, { name: opened.name }, t("renamed")),
  });
  return (
    <EditDialog form={form} title={t("rename")} onClose={onClose}>
      <TextInput name="name" label={t("name")} autoFocus isRequired />
    </EditDialog>
  );
}
