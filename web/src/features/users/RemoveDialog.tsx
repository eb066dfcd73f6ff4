/** Asks whether a membership shall end; the way back is another invitation. */
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/access";
import { ConfirmByName } from "@/ui";
import type { User } from "./people";
import type { useUserActions } from "./useUserActions";

interface Props {
  user: User;
  remove: ReturnType<typeof useUserActions>["remove"];
  onClose: () => void;
}

export function RemoveDialog({ user, remove, onClose }: Props) {
  const { t } = useTranslation("users");
  const isOwn = useMe().user?.id === user.id;
  return (
    <ConfirmByName
      title={isOwn ? t("leave_title") : t("remove_title", { name: user.display_name })}
      name={user.display_name}
      confirmLabel={isOwn ? t("leave") : t("remove")}
      isPending={remove.isPending}
      error={remove.error}
      onClose={() => {
        remove.reset();
        onClose();
      }}
      onConfirm={() => remove.mutate(user, { onSuccess: onClose })}
    >
      {isOwn ? t("leave_text") : t("remove_text")}
    </ConfirmByName>
  );
}
