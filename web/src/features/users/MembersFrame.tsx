/** Around the lists of who belongs to the organization and who is asked to; both can invite. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, useCan } from "@/app/access";
import { useHashSwitch } from "@/app/useHashSwitch";
import { Button, Page } from "@/ui";
import { InviteDrawer } from "../invitations/InviteDrawer";
import { INVITE } from "./permissions";

export function MembersFrame({ children }: { children: (invite: ReactNode) => ReactNode }) {
  const { t } = useTranslation("users");
  const [isOpen, turn] = useHashSwitch("invite");
  const mayInvite = useMayInvite();
  const invite = mayInvite && (
    <Button variant="primary" icon="user-plus" onPress={() => turn(true)}>
      {t("invite")}
    </Button>
  );
  return (
    <PageGate permission="users.read">
      <Page
        fill
        title={t("title")}
        actions={invite}
        tabs={[
          { label: t("members"), link: { to: "/users" } },
          { label: t("invitations"), link: { to: "/invitations" } },
        ]}
      >
        {children(invite)}
        {isOpen && mayInvite && <InviteDrawer onClose={() => turn(false)} />}
      </Page>
    </PageGate>
  );
}

export function useMayInvite(): boolean {
  return useCan()(INVITE);
}
