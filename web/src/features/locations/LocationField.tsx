/** A place for goods as a field of a form. */
import { useQuery } from "@tanstack/react-query";
import { ComboboxInput, type FieldProps, useField } from "@/ui";
import { findStockLocations, locationOption, locationQuery } from "./find";

export function LocationField(props: FieldProps) {
  const { value } = useField(props.name);
  const { data } = useQuery({ ...locationQuery(value ?? ""), enabled: Boolean(value) });
  const initial = data && data.data.id === value ? locationOption(data.data) : undefined;
  return (
    <ComboboxInput
      // The form may have begun with a place whose name comes later.
      key={initial?.id ?? ""}
      {...props}
      initial={initial}
      queryKey={["/api/v1/locations"]}
      load={findStockLocations}
    />
  );
}
