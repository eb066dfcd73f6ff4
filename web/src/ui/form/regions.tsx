/** Language, currency and time zone as fields of a form: found by typing, out of what the browser knows. */
import { useFormats } from "@/i18n";
import {
  currencyOption,
  findCurrencies,
  findLocales,
  findTimeZones,
  localeOption,
  type Region,
  timeZoneOption,
} from "@/i18n/regions";
import { Combobox } from "./Combobox";
import { type FieldProps, useField } from "./fields";

interface Kind {
  find: (text: string, tag: string) => Region[];
  option: (id: string, tag: string) => Region;
}

const KINDS = {
  locale: { find: findLocales, option: localeOption },
  currency: { find: findCurrencies, option: currencyOption },
  time_zone: { find: findTimeZones, option: timeZoneOption },
} satisfies Record<string, Kind>;

interface Props extends FieldProps {
  kind: keyof typeof KINDS;
  placeholder?: string;
}

export function RegionInput({ kind, name, ...props }: Props) {
  const { tag } = useFormats();
  const field = useField(name);
  const { find, option } = KINDS[kind];
  return (
    <Combobox
      {...props}
      value={field.value ? option(field.value, tag) : undefined}
      onChange={(chosen) => field.onChange(chosen?.id)}
      onBlur={field.onBlur}
      fault={field.fault}
      inputRef={field.ref}
      queryKey={["regions", kind, tag]}
      load={async (text) => find(text, tag)}
    />
  );
}
