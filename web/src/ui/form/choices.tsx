/** Fields of a form that are chosen, not typed. */
import { Checkbox as HeroCheckbox } from "@heroui/react/checkbox";
import { Description } from "@heroui/react/description";
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import { Select } from "@heroui/react/select";
import { Switch as HeroSwitch } from "@heroui/react/switch";
import { useTranslation } from "react-i18next";
import { FieldLabel, Hints } from "./aria-parts";
import { type FieldProps, useField } from "./fields";

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
      inputRef={field.ref}
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

/** A switch outside a form: what a page shows. */
export function Switch({ label, isOn, onChange }: { label: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <HeroSwitch isSelected={isOn} onChange={onChange}>
      <HeroSwitch.Content>
        <HeroSwitch.Control>
          <HeroSwitch.Thumb />
        </HeroSwitch.Control>
        <Label>{label}</Label>
      </HeroSwitch.Content>
    </HeroSwitch>
  );
}

export function SwitchInput({ name, label, description, isDisabled }: FieldProps) {
  const field = useField<boolean>(name);
  return (
    <HeroSwitch
      name={name}
      inputRef={field.ref}
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
