/** Quantities and money: typed as people write them, kept as the exact decimal strings of the contract. */
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { decimal } from "@/i18n/decimal";
import { parseDecimal } from "./decimal-text";
import { FieldFrame, type FieldProps, useField } from "./fields";
import { useMisreading } from "./misreadings";

export interface DecimalInputProps extends Omit<FieldProps, "name"> {
  name?: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  onBlur?: () => void;
  fault?: string;
  /** Beside it: the unit, the currency. */
  suffix?: ReactNode;
  /** Not below zero. */
  isPositive?: boolean;
  /** Shows a sign in front of what is more. */
  isDelta?: boolean;
  /** How a value is shown while nobody types; without needless zeros by default. */
  format?: (value: string) => string;
  /** Decimals at most; further ones are a fault. */
  decimals?: number;
  inputRef?: (element: HTMLInputElement | null) => void;
  /** Hides the label from the eye, within tables. */
  isLabelHidden?: boolean;
}

/** A decimal outside a form; `QuantityInput` and `MoneyInput` are its fields. Arrow keys count by one. */
export function DecimalInput(props: DecimalInputProps) {
  const { t } = useTranslation("ui");
  const formats = useFormats();
  const format = props.format ?? (props.isDelta ? formats.delta : formats.decimal);
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const [misread, setMisread] = useState(false);
  const tellForm = useMisreading(props.name);
  const unreadable = t(props.isPositive ? "validation.positive_number" : "validation.number");
  const mark = (isMisread: boolean) => {
    setMisread(isMisread);
    tellForm(isMisread ? unreadable : undefined);
  };

  const take = (text: string) => {
    setTyped(text);
    if (text.trim() === "") {
      mark(false);
      return props.onChange(undefined);
    }
    const value = parseDecimal(text, formats.tag);
    const good = value !== undefined && fits(value, props);
    mark(!good);
    // What can't be read is no value: a form must not send the number before it.
    props.onChange(good ? value : undefined);
  };
  const step = (event: KeyboardEvent, by: string) => {
    event.preventDefault();
    const next = decimal.add(props.value ?? "0", by);
    if (!fits(next, props)) return;
    setTyped(undefined);
    mark(false);
    props.onChange(next);
  };
  const fault = misread ? unreadable : props.fault;
  return (
    <FieldFrame
      label={props.label}
      description={props.description}
      fault={fault}
      isRequired={props.isRequired}
      isLabelHidden={props.isLabelHidden}
    >
      {(control) => (
        // Figures run from the left in every language.
        <div dir="ltr" className="relative">
          <input
            {...control}
            ref={props.inputRef}
            name={props.name}
            inputMode={props.isPositive ? "decimal" : "text"}
            autoComplete="off"
            value={typed ?? (props.value === undefined ? "" : format(props.value))}
            onChange={(event) => take(event.target.value)}
            onBlur={() => {
              if (!misread) setTyped(undefined);
              props.onBlur?.();
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowUp") step(event, "1");
              if (event.key === "ArrowDown") step(event, "-1");
            }}
            disabled={props.isDisabled}
            // biome-ignore lint/a11y/noAutofocus: the first field of a form that was asked for
            autoFocus={props.autoFocus}
            className={`input text-end tabular ${props.suffix ? "pe-14" : ""}`}
          />
          {props.suffix && (
            <span className="pointer-events-none absolute inset-y-0 end-3 flex items-center text-muted">
              {props.suffix}
            </span>
          )}
        </div>
      )}
    </FieldFrame>
  );
}

function fits(value: string, { isPositive, decimals = 6 }: DecimalInputProps): boolean {
  if (isPositive && decimal.sign(value) < 0) return false;
  return (value.split(".")[1] ?? "").length <= decimals;
}

export function QuantityInput({
  name,
  unit,
  ...rest
}: FieldProps & { unit?: string; isPositive?: boolean; isDelta?: boolean; isLabelHidden?: boolean }) {
  const field = useField(name);
  return (
    <DecimalInput
      name={name}
      value={field.value}
      onChange={field.onChange}
      onBlur={field.onBlur}
      inputRef={field.ref}
      fault={field.fault}
      suffix={unit && unit !== "each" ? unit : undefined}
      {...rest}
    />
  );
}

/** An amount in one currency, shown with its digits; its value is `{ amount, currency }`, or nothing. */
export function MoneyInput({ name, currency: usual, ...rest }: FieldProps & { currency: string }) {
  const field = useField<{ amount: string; currency: string }>(name);
  const formats = useFormats();
  const currency = field.value?.currency ?? usual;
  return (
    <DecimalInput
      name={name}
      value={field.value?.amount}
      onChange={(amount) => field.onChange(amount === undefined ? undefined : { amount, currency })}
      format={(amount) => formats.amount({ amount, currency })}
      onBlur={field.onBlur}
      inputRef={field.ref}
      fault={field.fault}
      suffix={currency}
      isPositive
      decimals={4}
      {...rest}
    />
  );
}
