/** A choice of a few outside a form's schema: the browser's own list. */
import { useId } from "react";
import type { Choice } from "./choices";

interface Props {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  choices: Choice[];
  /** What nothing chosen is called; without it something always is. */
  none?: string;
  /** Hides the label from the eye, within tables. */
  isLabelHidden?: boolean;
}

export function PlainSelect({ label, value, onChange, choices, none, isLabelHidden }: Props) {
  const id = useId();
  return (
    <div className="grid min-w-0 gap-1">
      <label htmlFor={id} className={isLabelHidden ? "sr-only" : "label"}>
        {label}
      </label>
      <select
        id={id}
        className="input"
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value || undefined)}
      >
        {none !== undefined && <option value="">{none}</option>}
        {choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}
