/** The dialog around a form that changes a tenant; what somebody else changed meanwhile is shown, not overwritten. */
import type { ReactNode } from "react";
import type { FieldValues } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { type ButtonProps, Dialog, Form, StatusBadge } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import type { EditForm } from "../editing/useEditForm";
import type { Tenant } from "./tenant";

type Patch = Schema<"TenantPatch">;

interface Props<In extends FieldValues, Body extends Patch> {
  form: EditForm<In, Body, Tenant>;
  title: string;
  description?: string;
  variant?: ButtonProps["variant"];
  onClose: () => void;
  children: ReactNode;
}

export function EditDialog<In extends FieldValues, Body extends Patch>(props: Props<In, Body>) {
  const { form, title, description, variant = "primary", onClose, children } = props;
  const { t } = useTranslation("tenants");
  return (
    <Dialog isOpen onClose={onClose} title={title} description={description} size={form.conflict ? "lg" : "md"}>
      <Form form={form} onCancel={onClose} submitLabel={title} submit={{ variant, isDisabled: Boolean(form.conflict) }}>
        <EditConflict
          conflict={form.conflict}
          label={(field) => t(field as keyof Patch)}
          show={(field, value) => (field === "state" ? <StatusBadge status={String(value)} /> : undefined)}
        />
        {children}
      </Form>
    </Dialog>
  );
}
