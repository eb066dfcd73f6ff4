/** The dialog around a form that changes a tenant. */
import type { ReactNode } from "react";
import type { FieldValues } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { type ButtonProps, Dialog, Form } from "@/ui";
import { ConflictPart } from "./ConflictPart";
import type { TenantForm } from "./useTenantForm";

interface Props<In extends FieldValues> {
  form: TenantForm<In>;
  title: string;
  description?: string;
  submitLabel: string;
  submitVariant?: ButtonProps["variant"];
  onClose: () => void;
  children: ReactNode;
}

export function FormDialog<In extends FieldValues>({
  form: { form, conflict },
  title,
  description,
  submitLabel,
  submitVariant = "primary",
  onClose,
  children,
}: Props<In>) {
  const { t } = useTranslation("tenants");
  return (
    <Dialog isOpen onClose={onClose} title={title} description={description} size={conflict ? "lg" : "md"}>
      <Form
        form={form}
        onCancel={onClose}
        submitLabel={conflict ? t("conflict.submit") : submitLabel}
        submit={{ variant: submitVariant }}
      >
        {conflict && <ConflictPart conflict={conflict} />}
        {children}
      </Form>
    </Dialog>
  );
}
