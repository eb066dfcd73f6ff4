/** A filter of a list by people, former ones among them: found by name or address, however many there are. */
import { useQueries } from "@tanstack/react-query";
import { answer, api } from "@/api";
import type { Option } from "@/ui";
import { SearchFilter } from "@/ui/grid/SearchFilter";
import { userQuery } from "./people";

async function findPeople(text: string, signal: AbortSignal): Promise<Option[]> {
  const query = { q: text || undefined, limit: 50, sort: "display_name" };
  const { data } = await answer(api.GET("/api/v1/users", { params: { query }, signal }));
  return data.map(({ id, display_name, email }) => ({ id, label: display_name, detail: email }));
}

export function PeopleFilter(props: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const chosen = (props.value ?? "").split(",").filter(Boolean);
  const named = useQueries({ queries: chosen.map((id) => ({ ...userQuery(id), staleTime: 60_000 })) });
  return (
    <SearchFilter
      {...props}
      queryKey={["/api/v1/users"]}
      load={findPeople}
      nameOf={(id) => named[chosen.indexOf(id)]?.data?.data.display_name}
    />
  );
}
