/**
 * Fields of text in a form, by the path of their value. Label, hint and fault are tied to the control; a fault is shown
 * once the field was left, and again as soon as it is mended. Native elements: the first pages must weigh little. What is
 * chosen has choices.tsx, numbers have numbers.tsx.
 */
import {
  type HTMLInputAutoCompleteAttribute,
  type InputHTMLAttributes,
  type ReactNode,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react";
import { useController, useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";

export interface FieldProps {
  /** Path of the value: `address.city`, `lines.0.quantity`. */
  name: string;
  label: string;
  description?: ReactNode;
  /** Marked with a star; explicitly false says "optional". */
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

interface FrameProps {
  label: string;
  description?: ReactNode;
  fault?: string;
  isRequired?: boolean;
  isLabelHidden?: boolean;
  children: (control: ControlProps) => ReactNode;
}

/** What ties a control to its label, hint and fault. */
export interface ControlProps {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
  "aria-required": true | undefined;
}

/** Label, control, and below it the hint or what is wrong. */
export function FieldFrame({ label, description, fault, isRequired, isLabelHidden, children }: FrameProps) {
  const { t } = useTranslation("ui");
  const id = useId();
  const note = fault || description ? `${id}-note` : undefined;
  return (
    <div className="textfield">
      <label htmlFor={id} className={isLabelHidden ? "sr-only" : "label"}>
        {label}
        {isRequired && (
          <span aria-hidden="true" className="ms-0.5 text-danger">
            *
          </span>
        )}
        {isRequired === false && <span className="ms-1.5 font-normal text-muted">{t("form.optional")}</span>}
      </label>
      {children({
        id,
        "aria-invalid": fault ? true : undefined,
        "aria-describedby": note,
        "aria-required": isRequired || undefined,
      })}
      {fault ? (
        <p id={note} aria-live="polite" className="px-1 text-xs text-pretty text-danger">
          {fault}
        </p>
      ) : (
        description && (
          <div id={note} className="description">
            {description}
          </div>
        )
      )}
    </div>
  );
}

/** A text has its own direction; an empty field has the page's. */
function directionOf(value: string | undefined): "auto" | undefined {
  return value ? "auto" : undefined;
}

interface TextProps extends FieldProps {
  type?: "text" | "email" | "search" | "tel" | "url";
  autoComplete?: HTMLInputAutoCompleteAttribute;
  placeholder?: string;
  inputMode?: InputHTMLAttributes<HTMLInputElement>["inputMode"];
  /** Identifiers, from the left in every language. */
  isCode?: boolean;
  maxLength?: number;
}

export function TextInput({
  name,
  label,
  description,
  isRequired,
  isDisabled,
  autoFocus,
  isCode,
  type = "text",
  autoComplete = "off",
  ...rest
}: TextProps) {
  const field = useField(name);
  const isLatin = isCode || type === "email" || type === "url";
  return (
    <FieldFrame label={label} description={description} fault={field.fault} isRequired={isRequired}>
      {(control) => (
        <input
          {...control}
          {...rest}
          ref={field.ref}
          type={type}
          name={name}
          value={field.value ?? ""}
          onChange={(event) => field.onChange(event.target.value)}
          onBlur={field.onBlur}
          disabled={isDisabled}
          autoComplete={autoComplete}
          // biome-ignore lint/a11y/noAutofocus: the first field of a form that was asked for
          autoFocus={autoFocus}
          dir={isLatin ? "ltr" : directionOf(field.value)}
          className={`input ${isLatin ? "rtl:text-end" : ""} ${isCode ? "font-mono" : ""}`}
        />
      )}
    </FieldFrame>
  );
}

export function PasswordInput({
  name,
  label,
  description,
  isRequired,
  isDisabled,
  autoFocus,
  autoComplete,
}: FieldProps & { autoComplete: "current-password" | "new-password" }) {
  const field = useField(name);
  const { t } = useTranslation("ui");
  const [shown, setShown] = useState(false);
  return (
    <FieldFrame label={label} description={description} fault={field.fault} isRequired={isRequired}>
      {(control) => (
        <div className="relative">
          <input
            {...control}
            ref={field.ref}
            type={shown ? "text" : "password"}
            name={name}
            value={field.value ?? ""}
            onChange={(event) => field.onChange(event.target.value)}
            onBlur={field.onBlur}
            disabled={isDisabled}
            autoComplete={autoComplete}
            autoCapitalize="none"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: the first field of a form that was asked for
            autoFocus={autoFocus}
            className="input pe-10"
          />
          <span className="absolute inset-y-0 end-1 flex items-center">
            <button
              type="button"
              aria-label={t("form.show_password")}
              title={shown ? t("form.hide_password") : t("form.show_password")}
              aria-pressed={shown}
              onClick={() => setShown(!shown)}
              className="inline-flex size-7 items-center justify-center rounded-md text-muted hover:text-foreground"
            >
              <Icon name={shown ? "eye-off" : "eye"} />
            </button>
          </span>
        </div>
      )}
    </FieldFrame>
  );
}

type AreaProps = FieldProps & Pick<TextareaHTMLAttributes<HTMLTextAreaElement>, "rows" | "maxLength" | "placeholder">;

export function TextAreaInput({
  name,
  label,
  description,
  isRequired,
  isDisabled,
  autoFocus,
  rows = 4,
  ...rest
}: AreaProps) {
  const field = useField(name);
  return (
    <FieldFrame label={label} description={description} fault={field.fault} isRequired={isRequired}>
      {(control) => (
        <textarea
          {...control}
          {...rest}
          ref={field.ref}
          name={name}
          rows={rows}
          value={field.value ?? ""}
          onChange={(event) => field.onChange(event.target.value)}
          onBlur={field.onBlur}
          disabled={isDisabled}
          // biome-ignore lint/a11y/noAutofocus: the first field of a form that was asked for
          autoFocus={autoFocus}
          dir={directionOf(field.value)}
          className="textarea"
        />
      )}
    </FieldFrame>
  );
}
