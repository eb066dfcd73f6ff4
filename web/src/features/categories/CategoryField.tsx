/** A category as a field of a form, and as a filter of a list. */
import { useQueryClient } from "@tanstack/react-query";
import { ComboboxInput, type FieldProps, useField } from "@/ui";
import { SearchFilter } from "@/ui/grid/SearchFilter";
import { optionOf } from "./tree";
import { findCategories, useCategories } from "./useCategories";

const KEY = ["/api/v1/categories"];

export function CategoryField({
  without,
  ...props
}: FieldProps & { /** Not to be chosen. */ without?: ReadonlySet<string> }) {
  const { value } = useField(props.name);
  const queries = useQueryClient();
  const { byId } = useCategories();
  const initial = value ? byId.get(value) : undefined;
  return (
    <ComboboxInput
      {...props}
      initial={initial && optionOf(initial)}
      queryKey={KEY}
      load={async (text) => (await findCategories(queries, text)).filter((option) => !without?.has(option.id))}
    />
  );
}

export function CategoryFilter(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const queries = useQueryClient();
  const { byId } = useCategories();
  return (
    <SearchFilter
      {...props}
      queryKey={KEY}
      load={(text) => findCategories(queries, text)}
      nameOf={(id) => byId.get(id)?.name}
    />
  );
}
