/** Which roles somebody holds or shall hold. Those that name what the person at work doesn't hold can't be touched. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { type CheckChoice, CheckListInput, ErrorPanel, SkeletonText } from "@/ui";
import { isWithin, matrixQuery } from "./matrix";
import { useRoleWords } from "./words";

/** The roles to choose from; undefined while they are read. */
export function useRoleChoices(): CheckChoice[] | undefined {
  const { t } = useTranslation("roles");
  const words = useRoleWords();
  const can = useCan();
  const { data } = useQuery(matrixQuery);
  return data?.roles.map((role) => {
    const isOut = !isWithin(data, role.key, can);
    return {
      id: role.key,
      label: words.roleName(role),
      description: isOut ? t("out_of_reach") : words.roleDescription(role),
      isDisabled: isOut,
    };
  });
}

export function RolesField({ name, label, isLabelHidden }: { name: string; label: string; isLabelHidden?: boolean }) {
  const choices = useRoleChoices();
  const { error, refetch } = useQuery(matrixQuery);
  if (error && !choices) return <ErrorPanel error={error} onRetry={() => void refetch()} compact />;
  return choices ? (
    <CheckListInput name={name} label={label} choices={choices} isLabelHidden={isLabelHidden} />
  ) : (
    <SkeletonText lines={5} />
  );
}
