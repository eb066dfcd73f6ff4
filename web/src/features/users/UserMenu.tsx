/** What can be done with one person, by what they are just now. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/access";
import { IconButton, Menu, type MenuAction } from "@/ui";
import { useInvitationActions } from "../invitations/useInvitationActions";
import type { User } from "./people";
import type { useUserActions } from "./useUserActions";

interface Props {
  user: User;
  actions: ReturnType<typeof useUserActions>;
  /** Asks whether the membership shall end. */
  onRemove: (user: User) => void;
  /** On the person's own page there is nothing to open. */
  isOpen?: boolean;
}

export function UserMenu({ user, actions, onRemove, isOpen = false }: Props) {
  const { t } = useTranslation("users");
  const navigate = useNavigate();
  const invitations = useInvitationActions();
  const isOwn = useMe().user?.id === user.id;
  const label = t("more_of", { name: user.display_name });
  const all: (MenuAction | false)[] = [
    !isOpen && {
      id: "open",
      label: t("change_roles"),
      icon: "user-cog",
      onAction: () => void navigate({ to: "/users/$userId", params: { userId: user.id } }),
    },
    user.status === "invited" && {
      id: "resend",
      label: t("resend"),
      icon: "send",
      onAction: () => invitations.resendTo(user.id),
    },
    user.status === "active" &&
      !isOwn && {
        id: "deactivate",
        label: t("deactivate"),
        icon: "ban",
        onAction: () => actions.deactivate(user),
      },
    user.status === "deactivated" && {
      id: "reactivate",
      label: t("reactivate"),
      icon: "rotate-ccw",
      onAction: () => actions.reactivate(user),
    },
    user.status === "invited"
      ? {
          id: "withdraw",
          label: t("withdraw"),
          icon: "undo-2",
          isDanger: true,
          onAction: () => invitations.withdrawFrom(user.id),
        }
      : {
          id: "remove",
          label: isOwn ? t("leave") : t("remove"),
          icon: "trash-2",
          isDanger: true,
          onAction: () => onRemove(user),
        },
  ];
  const shown = all.filter((one) => one !== false);
  return (
    <Menu label={label} sections={[{ id: "actions", actions: shown }]}>
      <IconButton icon="ellipsis" label={label} variant={isOpen ? "secondary" : "ghost"} size={isOpen ? "md" : "sm"} />
    </Menu>
  );
}
