/** Label, hint and fault within a field of React Aria's, which ties them together itself. */
import { Description } from "@heroui/react/description";
import { FieldError } from "@heroui/react/field-error";
import { Label } from "@heroui/react/label";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

export function FieldLabel({ label, isRequired }: { label: string; isRequired?: boolean }) {
  const { t } = useTranslation("ui");
  return (
    <Label>
      {label}
      {isRequired === false && <span className="ms-1.5 font-normal text-muted">{t("form.optional")}</span>}
    </Label>
  );
}

export function Hints({ description, fault }: { description?: ReactNode; fault?: string }) {
  return (
    <>
      {description && <Description>{description}</Description>}
      <FieldError>{fault}</FieldError>
    </>
  );
}
