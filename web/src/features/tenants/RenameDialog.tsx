/** Another name for a tenant. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { TextInput } from "@/ui";
import type { DialogProps } from "./dialogs";
import { FormDialog } from "./FormDialog";
import { useTenantForm } from "./useTenantForm";

const schema = z.object({ name: z.string().check(z.minLength(1), z.maxLength(200)) });

export function RenameDialog({ opened, onClose, onChanged }: DialogProps) {
  const { t } = useTranslation("tenants");
  const form = useTenantForm({
    opened,
    schema,
    defaults: { name: opened.tenant.name },
    patchOf: ({ name }) => ({ name }),
    onChanged: (next, before) => onChanged(next, { name: before.tenant.name }, t("renamed")),
  });
  return (
    <FormDialog form={form} title={t("rename")} submitLabel={t("rename")} onClose={onClose}>
      <TextInput name="name" label={t("name")} autoFocus isRequired />
    </FormDialog>
  );
}
