/** Several of a few things: every one in sight, each with a word on what it is for. */
import { type ReactNode, useId } from "react";
import type { Choice } from "./choices";
import { type FieldProps, useField } from "./fields";

export interface CheckChoice extends Choice {
  isDisabled?: boolean;
  /** Behind the label: a mark. */
  mark?: ReactNode;
}

interface Props {
  label: string;
  choices: CheckChoice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
  description?: ReactNode;
  fault?: string;
  /** Beside the label: what concerns all of them. */
  actions?: ReactNode;
  isRequired?: boolean;
  isLabelHidden?: boolean;
  focusRef?: (element: HTMLInputElement | null) => void;
}

export function CheckList({ label, choices, value, onChange, description, fault, actions, ...look }: Props) {
  const id = useId();
  const note = fault || description ? `${id}-note` : undefined;
  const chosen = new Set(value);
  const toggle = (choice: string) => {
    const next = new Set(chosen);
    if (!next.delete(choice)) next.add(choice);
    onChange([...next]);
  };
  return (
    <fieldset aria-describedby={note} aria-invalid={fault ? true : undefined} className="grid min-w-0 gap-1.5">
      <legend className={look.isLabelHidden ? "sr-only" : "label float-start w-full pb-1.5"}>
        {label}
        {look.isRequired && (
          <span aria-hidden="true" className="ms-0.5 text-danger">
            *
          </span>
        )}
      </legend>
      {actions}
      <ul className="divide-y divide-separator rounded-lg border border-border">
        {choices.map((choice, index) => (
          <li key={choice.id}>
            <label
              className={`flex items-start gap-3 px-3 py-2.5 ${choice.isDisabled ? "text-muted" : "cursor-pointer hover:bg-surface-secondary"}`}
            >
              <input
                type="checkbox"
                ref={index === 0 ? look.focusRef : undefined}
                checked={chosen.has(choice.id)}
                disabled={choice.isDisabled}
                onChange={() => toggle(choice.id)}
                aria-labelledby={`${id}-${choice.id}-label`}
                aria-describedby={choice.description ? `${id}-${choice.id}` : undefined}
                className="mt-0.5 size-4 shrink-0 accent-accent"
              />
              <span className="min-w-0 flex-1">
                <span className="flex flex-wrap items-center gap-x-2">
                  <span id={`${id}-${choice.id}-label`} className="person-text font-medium break-words">
                    {choice.label}
                  </span>
                  {choice.mark}
                </span>
                {choice.description && (
                  <span id={`${id}-${choice.id}`} className="block text-xs text-pretty text-muted">
                    {choice.description}
                  </span>
                )}
              </span>
            </label>
          </li>
        ))}
      </ul>
      {note && (
        <p id={note} aria-live="polite" className={`px-1 text-xs text-pretty ${fault ? "text-danger" : "text-muted"}`}>
          {fault ?? description}
        </p>
      )}
    </fieldset>
  );
}

/** The same as a field of a form. */
export function CheckListInput({
  name,
  ...props
}: Omit<Props, "value" | "onChange" | "fault" | "focusRef"> & Pick<FieldProps, "name">) {
  const field = useField<string[]>(name);
  return (
    <CheckList
      {...props}
      value={field.value ?? []}
      onChange={field.onChange}
      fault={field.fault}
      focusRef={field.ref}
    />
  );
}
