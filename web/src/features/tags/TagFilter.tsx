/** A filter of a list by tags. */
import { SearchFilter } from "@/ui/grid/SearchFilter";
import { findTags } from "./find";

export function TagFilter(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return <SearchFilter {...props} queryKey={["/api/v1/tags"]} load={findTags} nameOf={(name) => name} />;
}
