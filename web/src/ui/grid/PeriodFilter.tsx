/** A period as a filter of a list: `created_at[gte]` and `created_at[lt]`, by whole days of this device's time zone. */
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { Button } from "../Button";
import { Icon } from "../icons";
import { DAY, dayOf, isYearWhole, startOf } from "./period";
import type { ListState } from "./useList";

interface Props {
  label: string;
  /** The field of the list: `created_at`. Its filters must be named in the route's `gridSearch`. */
  field: string;
  state: ListState;
  onState: (change: ListState) => void;
}

export function PeriodFilter({ label, field, state, onState }: Props) {
  const { t } = useTranslation("ui");
  const formats = useFormats();
  const [since, before] = [`${field}[gte]`, `${field}[lt]`];
  const first = dayOf(state[since]);
  // The end is kept as the beginning of the day after it.
  const last = dayOf(state[before], -DAY);
  const said = [first, last].map((day) => (day ? formats.date(`${day}T12:00:00`) : "…")).join(" – ");
  return (
    <DialogTrigger>
      <AriaButton
        className={`button button--secondary button--sm h-9 max-w-full ${first || last ? "!bg-accent-soft !text-accent-soft-foreground" : ""}`}
      >
        <Icon name="calendar" />
        <span className="truncate">{first || last ? said : label}</span>
      </AriaButton>
      <Popover placement="bottom start" className="rounded-xl bg-overlay p-4 shadow-overlay">
        <Dialog aria-label={label} className="grid gap-3 outline-none">
          <Day
            label={t("period.from")}
            value={first}
            max={last}
            onChange={(day) => onState({ [since]: startOf(day) })}
          />
          <Day
            label={t("period.to")}
            value={last}
            min={first}
            onChange={(day) => onState({ [before]: startOf(day, DAY) })}
          />
          <Button size="sm" variant="ghost" onPress={() => onState({ [since]: undefined, [before]: undefined })}>
            {t("period.any")}
          </Button>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

interface DayProps {
  label: string;
  value: string | undefined;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}

/** Being typed into, it says each digit of a year: the list is asked once the year is whole, or the field is left. */
export function Day({ label, value, min, max, onChange }: DayProps) {
  const [draft, setDraft] = useState<string>();
  const commit = (day: string) => {
    if (day !== (value ?? "")) onChange(day);
  };
  return (
    <label className="grid gap-1">
      <span className="label">{label}</span>
      <input
        type="date"
        className="input tabular"
        value={draft ?? value ?? ""}
        min={min}
        max={max ?? "9999-12-31"}
        onChange={({ target }) => {
          setDraft(target.value);
          if (target.value === "" ? !target.validity.badInput : isYearWhole(target.value)) commit(target.value);
        }}
        onBlur={({ target }) => {
          if (draft !== undefined && !target.validity.badInput) commit(draft);
          setDraft(undefined);
        }}
      />
    </label>
  );
}
