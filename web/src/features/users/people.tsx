/** The organization's people by name, wherever only their ids are known. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { useCan, useMe } from "@/app/access";

export type User = Schema<"UserOut">;

/** Queries to read anew after people were changed. */
export const PEOPLE_QUERIES = [["/api/v1/users"], ["/api/v1/invitations"], ["/api/v1/roles"]];

const KEPT_MS = 5 * 60_000;
/** As many as are read at once; whoever is not among them is asked for by id. */
const MOST = 200;

export const peopleQuery = queryOptions({
  queryKey: ["/api/v1/users", "people"],
  queryFn: async ({ signal }) =>
    (await answer(api.GET("/api/v1/users", { params: { query: { limit: MOST } }, signal }))).data,
  staleTime: KEPT_MS,
});

export const userQuery = (id: string) =>
  queryOptions({
    queryKey: ["/api/v1/users", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/users/{id}", { params: { path: { id } }, signal })),
  });

/** Undefined while it is not known. What may be no person at all (`isPerson`) is looked for among those that are known. */
export function usePersonName(id: string, isPerson = true): string | undefined {
  const can = useCan();
  const own = useMe().user;
  const isOther = can("users.read") && id !== own?.id;
  const people = useQuery({ ...peopleQuery, enabled: isOther });
  const listed = people.data?.find((person) => person.id === id);
  const isMissing = isPerson && isOther && people.data !== undefined && !listed;
  const one = useQuery({ ...userQuery(id), enabled: isMissing, staleTime: KEPT_MS, retry: false });
  return (id === own?.id ? own : (listed ?? one.data?.data))?.display_name;
}

export function PersonName({ id }: { id: string }) {
  const { t } = useTranslation("users");
  const name = usePersonName(id);
  return name ? <span className="person-text">{name}</span> : <span className="text-muted">{t("somebody")}</span>;
}
