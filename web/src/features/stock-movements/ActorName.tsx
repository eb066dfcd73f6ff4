/** Who did it, by name, for whoever may see the organization's people. */
import { useTranslation } from "react-i18next";
import { PersonName } from "../users/people";

export function ActorName({ kind, id }: { kind: string; id: string | null | undefined }) {
  const { t } = useTranslation("stock-movements");
  if (kind === "user" && id) return <PersonName id={id} />;
  return <span>{t(`actors.${kind as "api_key"}`, { defaultValue: kind })}</span>;
}
