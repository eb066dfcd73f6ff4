/**
 * A form from a description of its fields: layout and kind here, rules and messages from the schema. For forms of plain
 * fields; anything else is composed of `Form` and the fields themselves.
 */
import type { FieldValues } from "react-hook-form";
import { ComboboxInput, type ComboboxProps } from "./Combobox";
import { CheckboxInput, type Choice, SelectInput, SwitchInput } from "./choices";
import { Form } from "./Form";
import { type FieldProps, PasswordInput, TextAreaInput, TextInput } from "./fields";
import { MoneyInput, QuantityInput } from "./numbers";
import type { ApiForm } from "./useApiForm";

export type FieldSpec = FieldProps & { /** Half the width where there is room. */ isHalf?: boolean } & (
    | {
        kind: "text";
        type?: "text" | "email" | "tel" | "url";
        isCode?: boolean;
        placeholder?: string;
        autoComplete?: string;
      }
    | { kind: "area"; rows?: number }
    | { kind: "password"; autoComplete: "current-password" | "new-password" }
    | { kind: "select"; choices: Choice[] }
    | { kind: "checkbox" }
    | { kind: "switch" }
    | { kind: "quantity"; unit?: string; isPositive?: boolean; isDelta?: boolean }
    | { kind: "money"; currency: string }
    | ({ kind: "combobox" } & Pick<ComboboxProps, "queryKey" | "load">)
  );

export function SchemaForm<In extends FieldValues, Out>({
  form,
  fields,
  ...rest
}: { form: ApiForm<In, Out>; fields: FieldSpec[] } & Omit<Parameters<typeof Form<In, Out>>[0], "form" | "children">) {
  return (
    <Form form={form} {...rest}>
      <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
        {fields.map(({ isHalf, ...spec }) => (
          <div key={spec.name} className={isHalf ? "" : "sm:col-span-2"}>
            <SpecifiedField {...spec} />
          </div>
        ))}
      </div>
    </Form>
  );
}

function SpecifiedField(spec: FieldSpec) {
  switch (spec.kind) {
    case "text":
      return <TextInput {...spec} />;
    case "area":
      return <TextAreaInput {...spec} />;
    case "password":
      return <PasswordInput {...spec} />;
    case "select":
      return <SelectInput {...spec} />;
    case "checkbox":
      return <CheckboxInput {...spec} />;
    case "switch":
      return <SwitchInput {...spec} />;
    case "quantity":
      return <QuantityInput {...spec} />;
    case "money":
      return <MoneyInput {...spec} />;
    case "combobox":
      return <ComboboxInput {...spec} />;
  }
}
