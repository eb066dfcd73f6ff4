/** Who did it, by name, for whoever may see the organization's people. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api";
import { useCan, useMe } from "@/app/access";

export function useActorName(): (kind: string, id: string | null | undefined) => string {
  const { t } = useTranslation("stock-movements");
  const can = useCan();
  const own = useMe().user;
  const { data } = useQuery({
    queryKey: ["/api/v1/users", "names"],
    queryFn: async ({ signal }) => {
      const { data: people } = await answer(api.GET("/api/v1/users", { params: { query: { limit: 200 } }, signal }));
      return new Map(people.map(({ id, display_name }) => [id, display_name]));
    },
    enabled: can("users.read"),
    staleTime: 5 * 60_000,
  });
  return useCallback(
    (kind, id) => {
      if (kind !== "user") return t(`actors.${kind as "api_key"}`, { defaultValue: kind });
      if (id && id === own?.id) return own.display_name;
      return (id && data?.get(id)) || t("actors.user");
    },
    [data, own, t],
  );
}
