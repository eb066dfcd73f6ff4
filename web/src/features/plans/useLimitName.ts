/** Names of limits and features for people; one that is not known here is shown as the contract has it. */
import { useTranslation } from "react-i18next";

export function useLimitName() {
  const { t } = useTranslation("plans");
  const plain = (name: string) => name.replaceAll("_", " ");
  return {
    limitName: (name: string) => t(`limits.${name as "users"}`, { defaultValue: plain(name) }),
    featureName: (name: string) => t(`features.${name as "imports"}`, { defaultValue: plain(name) }),
  };
}
