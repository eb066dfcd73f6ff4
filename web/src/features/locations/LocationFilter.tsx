/** A filter of a list by places. */
import { useQueries } from "@tanstack/react-query";
import { SearchFilter } from "@/ui/grid/SearchFilter";
import { findStockLocations, locationQuery } from "./find";

export function LocationFilter(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const chosen = (props.value ?? "").split(",").filter(Boolean);
  const named = useQueries({ queries: chosen.map((id) => locationQuery(id)) });
  return (
    <SearchFilter
      {...props}
      queryKey={["/api/v1/locations"]}
      load={findStockLocations}
      nameOf={(id) => named[chosen.indexOf(id)]?.data?.data.name}
    />
  );
}
