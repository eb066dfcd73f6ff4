/** Names of roles, permissions and their areas: ours for what is built in, its owner's for the rest. */
import { useQuery } from "@tanstack/react-query";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { matrixQuery } from "./matrix";

interface Named {
  key: string;
  name: string;
  built_in: boolean;
  description: string;
}

export function useRoleWords() {
  const { t } = useTranslation("roles");
  return {
    roleName: ({ key, name, built_in }: Pick<Named, "key" | "name" | "built_in">) =>
      built_in ? t(`names.${key as "owner"}`, { defaultValue: name }) : name,
    roleDescription: ({ key, description, built_in }: Pick<Named, "key" | "description" | "built_in">) =>
      built_in ? t(`descriptions.${key as "owner"}`, { defaultValue: description }) : description,
    permissionName: ({ key, summary }: { key: string; summary: string }) =>
      t(`permissions.${key.replace(".", "_") as "products_read"}`, { defaultValue: summary }),
    groupName: ({ key, name }: { key: string; name: string }) =>
      t(`groups.${key as "products"}`, { defaultValue: name }),
  };
}

/** Names of roles by their keys, also for who may not see the roles themselves. */
export function useRoleNames(): (key: string) => string {
  const { t } = useTranslation("roles");
  const can = useCan();
  const { data } = useQuery({ ...matrixQuery, enabled: can("roles.read") });
  return useCallback(
    (key) => {
      const own = data?.roles.find((role) => role.key === key && !role.built_in);
      return own?.name ?? t(`names.${key as "owner"}`, { defaultValue: key });
    },
    [data, t],
  );
}
