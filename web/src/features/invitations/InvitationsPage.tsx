/** Who was asked to join, and what came of it. */
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import {
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  IconButton,
  Menu,
  type MenuAction,
  Moment,
  StatusBadge,
  useGridState,
  useList,
} from "@/ui";
import { useRoleNames } from "../roles/words";
import { MembersFrame, useMayInvite } from "../users/MembersFrame";
import { PersonName } from "../users/people";
import { type Invitation, useInvitationActions } from "./useInvitationActions";

const STATUSES = ["pending", "accepted", "revoked", "expired"] as const;

export function InvitationsPage() {
  const { t } = useTranslation("invitations");
  return (
    <MembersFrame>
      {(invite) => (
        <Invitations
          empty={
            <EmptyState icon="mail" title={t("none")} actions={invite}>
              {t("none_text")}
            </EmptyState>
          }
        />
      )}
    </MembersFrame>
  );
}

function Invitations({ empty }: { empty: ReactNode }) {
  const { t } = useTranslation("invitations");
  const { t: tUi } = useTranslation("ui");
  const [state, setState] = useGridState();
  const list = useList({ path: "/api/v1/invitations", state });
  const columns = useColumns();
  return (
    <>
      <GridToolbar id="invitations" columns={columns} defaultSort="-created_at" state={state} onState={setState}>
        <FilterMenu
          label={t("status")}
          choices={STATUSES.map((id) => ({ id, label: tUi(`status.${id}`) }))}
          value={state.status}
          onChange={(status) => setState({ status })}
        />
      </GridToolbar>
      <DataGrid
        id="invitations"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="-created_at"
        narrow={(invitation) => <Narrow invitation={invitation} />}
        empty={empty}
      />
    </>
  );
}

function useColumns() {
  const { t } = useTranslation("invitations");
  const roleName = useRoleNames();
  const mayInvite = useMayInvite();
  return useMemo<GridColumn<Invitation>[]>(
    () => [
      {
        id: "email",
        header: t("email"),
        width: 230,
        grows: true,
        isFixed: true,
        cell: ({ email, display_name }) => (
          <span dir="ltr" className="person-text block truncate">
            <span className="font-medium">{email}</span>
            {display_name && <span className="person-text ms-2 text-muted">{display_name}</span>}
          </span>
        ),
      },
      {
        id: "roles",
        header: t("roles"),
        width: 150,
        cell: ({ roles }) => <span className="person-text">{roles.map(roleName).join(", ")}</span>,
      },
      { id: "status", header: t("status"), width: 110, cell: ({ status }) => <StatusBadge status={status} /> },
      { id: "sent_at", header: t("sent_at"), width: 130, cell: ({ sent_at }) => <Moment at={sent_at} /> },
      {
        id: "expires_at",
        header: t("expires_at"),
        sort: "expires_at",
        width: 120,
        cell: ({ expires_at }) => <Moment at={expires_at} />,
      },
      {
        id: "invited_by",
        header: t("invited_by"),
        width: 130,
        cell: ({ invited_by }) => <PersonName id={invited_by} />,
      },
      {
        id: "created_at",
        header: t("created_at"),
        sort: "created_at",
        width: 150,
        isHidden: true,
        cell: ({ created_at }) => <Moment at={created_at} />,
      },
      ...(mayInvite
        ? [
            {
              id: "actions",
              header: t("actions"),
              width: 90,
              isFixed: true,
              cell: (invitation: Invitation) => <InvitationMenu invitation={invitation} />,
            },
          ]
        : []),
    ],
    [t, roleName, mayInvite],
  );
}

function InvitationMenu({ invitation }: { invitation: Invitation }) {
  const { t } = useTranslation("invitations");
  const actions = useInvitationActions();
  if (invitation.status === "accepted") return null;
  const label = t("more_of", { email: invitation.email });
  const all: MenuAction[] =
    invitation.status === "revoked"
      ? [{ id: "again", label: t("invite_again"), icon: "send", onAction: () => actions.inviteAgain(invitation) }]
      : [
          { id: "resend", label: t("resend"), icon: "send", onAction: () => actions.resend(invitation) },
          {
            id: "withdraw",
            label: t("withdraw"),
            icon: "undo-2",
            isDanger: true,
            onAction: () => actions.withdraw(invitation),
          },
        ];
  return (
    <Menu label={label} sections={[{ id: "actions", actions: all }]}>
      <IconButton icon="ellipsis" label={label} />
    </Menu>
  );
}

function Narrow({ invitation }: { invitation: Invitation }) {
  const roleName = useRoleNames();
  const mayInvite = useMayInvite();
  return (
    <span className="flex items-center gap-2">
      <span className="grid min-w-0 flex-1 grid-cols-1 gap-1">
        <span className="flex items-center justify-between gap-2">
          <span dir="ltr" className="truncate font-medium">
            {invitation.email}
          </span>
          <span className="shrink-0">
            <StatusBadge status={invitation.status} />
          </span>
        </span>
        <span className="person-text truncate text-xs text-muted">{invitation.roles.map(roleName).join(", ")}</span>
      </span>
      {mayInvite && <InvitationMenu invitation={invitation} />}
    </span>
  );
}
