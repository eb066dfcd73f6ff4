/** A person in a list: initials, name, whether it is oneself. */
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/access";
import { Badge, Initials } from "@/ui";
import type { User } from "./people";

export function UserName({ user }: { user: User }) {
  const { t } = useTranslation("users");
  const isOwn = useMe().user?.id === user.id;
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <Initials name={user.display_name} className="size-7 text-xs" />
      <span className="person-text truncate font-medium">{user.display_name}</span>
      {isOwn && <Badge tone="accent">{t("you")}</Badge>}
    </span>
  );
}
