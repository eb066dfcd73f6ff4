/** Who did it, by name, for whoever may see the organization's people. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "@/app/access";
import { peopleQuery } from "../users/people";

export function useActorName(): (kind: string, id: string | null | undefined) => string {
  const { t } = useTranslation("stock-movements");
  const can = useCan();
  const own = useMe().user;
  const { data: people } = useQuery({ ...peopleQuery, enabled: can("users.read") });
  return useCallback(
    (kind, id) => {
      if (kind !== "user") return t(`actors.${kind as "api_key"}`, { defaultValue: kind });
      const person = id === own?.id ? own : people?.find((one) => one.id === id);
      return person?.display_name ?? t("actors.user");
    },
    [people, own, t],
  );
}
