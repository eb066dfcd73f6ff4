/**
 * Fields of a form by the path of their value. Label, hint and fault are tied to the control; a fault is shown once the
 * field was left, and again as soon as it is mended.
 */
import { Checkbox as HeroCheckbox } from "@heroui/react/checkbox";
import { Description } from "@heroui/react/description";
import { FieldError } from "@heroui/react/field-error";
import { Input } from "@heroui/react/input";
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import { Select } from "@heroui/react/select";
import { Switch as HeroSwitch } from "@heroui/react/switch";
import { TextArea } from "@heroui/react/textarea";
import { TextField } from "@heroui/react/textfield";
import { type HTMLInputAutoCompleteAttribute, type ReactNode, useState } from "react";
import { useController, useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { IconButton } from "../Button";

export interface FieldProps {
  /** Path of the value: `address.city`, `lines.0.quantity`. */
  name: string;
  label: string;
  description?: ReactNode;
  isRequired?: boolean;
  isDisabled?: boolean;
  autoFocus?: boolean;
}

/** Value, handlers and fault of a field; for controls of your own. */
export function useField<T = string>(name: string) {
  const { control } = useFormContext();
  const { field, fieldState } = useController({ control, name });
  return {
    value: field.value as T | undefined,
    onChange: field.onChange as (value: T | null | undefined) => void,
    onBlur: field.onBlur,
    ref: field.ref,
    isInvalid: fieldState.invalid,
    fault: fieldState.error?.message ?? fieldState.error?.root?.message,
  };
}

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

interface TextProps extends FieldProps {
  type?: "text" | "email" | "search" | "tel" | "url";
  autoComplete?: HTMLInputAutoCompleteAttribute;
  placeholder?: string;
  inputMode?: "text" | "numeric" | "decimal" | "email";
  /** Identifiers, from the left in every language. */
  isCode?: boolean;
  maxLength?: number;
}

export function TextInput({
  name,
  label,
  description,
  type = "text",
  autoComplete,
  placeholder,
  inputMode,
  isCode,
  maxLength,
  ...rest
}: TextProps) {
  const field = useField(name);
  return (
    <TextField
      type={type}
      name={name}
      value={field.value ?? ""}
      onChange={field.onChange}
      onBlur={field.onBlur}
      isInvalid={field.isInvalid}
      autoComplete={autoComplete ?? "off"}
      inputMode={inputMode}
      maxLength={maxLength}
      validationBehavior="aria"
      {...rest}
    >
      <FieldLabel label={label} isRequired={rest.isRequired} />
      <Input
        ref={field.ref}
        placeholder={placeholder}
        className={isCode ? "font-mono" : undefined}
        dir={isCode ? "ltr" : "auto"}
      />
      <Hints description={description} fault={field.fault} />
    </TextField>
  );
}

export function PasswordInput({
  name,
  label,
  description,
  autoComplete,
  ...rest
}: FieldProps & { autoComplete: "current-password" | "new-password" }) {
  const field = useField(name);
  const { t } = useTranslation("ui");
  const [shown, setShown] = useState(false);
  return (
    <TextField
      type={shown ? "text" : "password"}
      name={name}
      value={field.value ?? ""}
      onChange={field.onChange}
      onBlur={field.onBlur}
      isInvalid={field.isInvalid}
      autoComplete={autoComplete}
      validationBehavior="aria"
      {...rest}
    >
      <FieldLabel label={label} isRequired={rest.isRequired} />
      <div className="relative">
        <Input ref={field.ref} dir="ltr" className="pe-10 text-start" spellCheck="false" autoCapitalize="none" />
        <span className="absolute inset-y-0 end-1 flex items-center">
          <IconButton
            icon={shown ? "lock" : "eye"}
            label={shown ? t("form.hide_password") : t("form.show_password")}
            aria-pressed={shown}
            onPress={() => setShown(!shown)}
          />
        </span>
      </div>
      <Hints description={description} fault={field.fault} />
    </TextField>
  );
}

export function TextAreaInput({ name, label, description, rows = 4, ...rest }: FieldProps & { rows?: number }) {
  const field = useField(name);
  return (
    <TextField
      name={name}
      value={field.value ?? ""}
      onChange={field.onChange}
      onBlur={field.onBlur}
      isInvalid={field.isInvalid}
      validationBehavior="aria"
      {...rest}
    >
      <FieldLabel label={label} isRequired={rest.isRequired} />
      <TextArea ref={field.ref} rows={rows} dir="auto" />
      <Hints description={description} fault={field.fault} />
    </TextField>
  );
}

export interface Choice {
  id: string;
  label: string;
  description?: string;
}

export function SelectInput({
  name,
  label,
  description,
  choices,
  placeholder,
  ...rest
}: FieldProps & { choices: Choice[]; placeholder?: string }) {
  const field = useField(name);
  const { t } = useTranslation("ui");
  return (
    <Select
      name={name}
      placeholder={placeholder ?? t("form.choose")}
      value={field.value ?? null}
      onChange={(key) => field.onChange(key === null ? undefined : String(key))}
      onBlur={field.onBlur}
      isInvalid={field.isInvalid}
      validationBehavior="aria"
      {...rest}
    >
      <FieldLabel label={label} isRequired={rest.isRequired} />
      <Select.Trigger ref={field.ref}>
        <Select.Value />
        <Select.Indicator />
      </Select.Trigger>
      <Hints description={description} fault={field.fault} />
      <Select.Popover>
        <ListBox>
          {choices.map((choice) => (
            <ListBox.Item key={choice.id} id={choice.id} textValue={choice.label}>
              <span className="min-w-0 flex-1">
                <Label className="font-normal">{choice.label}</Label>
                {choice.description && <Description>{choice.description}</Description>}
              </span>
              <ListBox.ItemIndicator />
            </ListBox.Item>
          ))}
        </ListBox>
      </Select.Popover>
    </Select>
  );
}

export function CheckboxInput({ name, label, description, isDisabled }: FieldProps) {
  const field = useField<boolean>(name);
  return (
    <HeroCheckbox
      name={name}
      isSelected={field.value ?? false}
      onChange={field.onChange}
      onBlur={field.onBlur}
      isInvalid={field.isInvalid}
      isDisabled={isDisabled}
      validationBehavior="aria"
    >
      <HeroCheckbox.Content>
        <HeroCheckbox.Control>
          <HeroCheckbox.Indicator />
        </HeroCheckbox.Control>
        <Label>{label}</Label>
      </HeroCheckbox.Content>
      <Hints description={description} fault={field.fault} />
    </HeroCheckbox>
  );
}

export function SwitchInput({ name, label, description, isDisabled }: FieldProps) {
  const field = useField<boolean>(name);
  return (
    <HeroSwitch
      name={name}
      isSelected={field.value ?? false}
      onChange={field.onChange}
      onBlur={field.onBlur}
      isDisabled={isDisabled}
    >
      <HeroSwitch.Content>
        <HeroSwitch.Control>
          <HeroSwitch.Thumb />
        </HeroSwitch.Control>
        <Label>{label}</Label>
      </HeroSwitch.Content>
      {description && <Description>{description}</Description>}
    </HeroSwitch>
  );
}
