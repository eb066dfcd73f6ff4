/** Dates of the business (`2026-01-15`), by the browser's own control: it speaks the person's language and calendar. */
import { FieldFrame, type FieldProps, useField } from "./fields";

interface DateProps extends FieldProps {
  min?: string;
  max?: string;
}

export function DateInput({ name, label, description, isRequired, isDisabled, autoFocus, min, max }: DateProps) {
  const field = useField(name);
  return (
    <FieldFrame label={label} description={description} fault={field.fault} isRequired={isRequired}>
      {(control) => (
        <input
          {...control}
          ref={field.ref}
          type="date"
          name={name}
          min={min}
          max={max}
          value={field.value ?? ""}
          onChange={(event) => field.onChange(event.target.value || undefined)}
          onBlur={field.onBlur}
          disabled={isDisabled}
          // biome-ignore lint/a11y/noAutofocus: the first field of a form that was asked for
          autoFocus={autoFocus}
          className="input tabular"
        />
      )}
    </FieldFrame>
  );
}
