/** The form element around fields, with what belongs to no field above them and the buttons below. */
import { type ReactNode, useId } from "react";
import { type FieldValues, FormProvider } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Button, type ButtonProps } from "../Button";
import { ErrorPanel } from "../ErrorPanel";
import type { ApiForm } from "./useApiForm";

interface Props<In extends FieldValues, Out> {
  form: ApiForm<In, Out>;
  children: ReactNode;
  /** What the main button says. Left out, the form is sent by a button of your own with `form={id}`. */
  submitLabel?: string;
  submit?: Partial<ButtonProps>;
  onCancel?: () => void;
  id?: string;
  className?: string;
}

export function Form<In extends FieldValues, Out>({
  form,
  children,
  submitLabel,
  submit,
  onCancel,
  id,
  className,
}: Props<In, Out>) {
  const { t } = useTranslation("ui");
  const own = useId();
  return (
    <FormProvider {...form.fields}>
      <form id={id ?? own} noValidate onSubmit={form.submit} className={className ?? "grid gap-4"}>
        {form.problem && <ErrorPanel error={form.problem} compact />}
        {children}
        {(submitLabel || onCancel) && (
          <div className="flex flex-wrap justify-end gap-2 pt-1">
            {onCancel && (
              <Button variant="ghost" onPress={onCancel}>
                {t("form.cancel")}
              </Button>
            )}
            {submitLabel && (
              <Button type="submit" variant="primary" isPending={form.write.isPending} {...submit}>
                {submitLabel}
              </Button>
            )}
          </div>
        )}
      </form>
    </FormProvider>
  );
}
