/**
 * What stands in fields of a form and can't be read: "12x" in a quantity. Such a field has no value, which must not be sent as
 * if it had been emptied.
 */
import { useEffect } from "react";
import {
  type Control,
  type FieldErrors,
  type FieldValues,
  set,
  type UseFormReturn,
  useFormContext,
} from "react-hook-form";

const ofForms = new WeakMap<object, Map<string, string>>();

function of(control: object): Map<string, string> {
  const known = ofForms.get(control) ?? new Map<string, string>();
  ofForms.set(control, known);
  return known;
}

/** Tells the form around, if there is one, that its field can't be read (with the words for it), or can again. */
export function useMisreading(name: string | undefined): (message: string | undefined) => void {
  const form = useFormContext() as UseFormReturn | null;
  const all = form && name ? of(form.control) : undefined;
  useEffect(() => () => void (name && all?.delete(name)), [all, name]);
  return (message) => {
    if (!all || !name) return;
    if (message === undefined) all.delete(name);
    else all.set(name, message);
  };
}

/** The faults of a form's fields that can't be read; none if all can. */
export function misreadings<In extends FieldValues>(control: Control<In>): FieldErrors<In> | undefined {
  const all = of(control);
  if (all.size === 0) return undefined;
  const errors: FieldErrors<In> = {};
  for (const [name, message] of all) set(errors, name, { type: "misread", message });
  return errors;
}
