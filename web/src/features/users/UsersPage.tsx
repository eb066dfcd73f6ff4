/** Who belongs to the organization. */
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import {
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  StatusBadge,
  Unread,
  useGridState,
  useList,
} from "@/ui";
import { matrixQuery } from "../roles/matrix";
import { useRoleNames, useRoleWords } from "../roles/words";
import { MembersFrame } from "./MembersFrame";
import type { User } from "./people";
import { RemoveDialog } from "./RemoveDialog";
import { UserMenu } from "./UserMenu";
import { UserName } from "./UserName";
import { useMayTouch } from "./useMayTouch";
import { useUserActions } from "./useUserActions";

const STATUSES = ["active", "invited", "deactivated", "removed"] as const;

export function UsersPage() {
  const { t } = useTranslation("users");
  return (
    <MembersFrame>
      {(invite) => (
        <Members
          empty={
            <EmptyState icon="users" title={t("none")} actions={invite}>
              {t("none_text")}
            </EmptyState>
          }
        />
      )}
    </MembersFrame>
  );
}

function Members({ empty }: { empty: React.ReactNode }) {
  const { t } = useTranslation("users");
  const { t: tUi } = useTranslation("ui");
  const can = useCan();
  const words = useRoleWords();
  const [state, setState] = useGridState();
  const [removing, setRemoving] = useState<User>();
  const actions = useUserActions();
  const matrix = useQuery({ ...matrixQuery, enabled: can("roles.read") });
  const roles = matrix.data?.roles ?? [];
  // Former members are there for history; they are shown when they are asked for.
  const fixed = state.status ? undefined : { "status[ne]": "removed" };
  const list = useList({ path: "/api/v1/users", state, fixed });
  const columns = useColumns(actions, setRemoving);
  return (
    <>
      <GridToolbar
        id="users"
        columns={columns}
        defaultSort="display_name"
        state={state}
        onState={setState}
        searchLabel={t("search")}
      >
        <FilterMenu
          label={t("status")}
          choices={STATUSES.map((id) => ({ id, label: tUi(`status.${id}`) }))}
          value={state.status}
          onChange={(status) => setState({ status })}
        />
        {matrix.isLoadingError && <Unread what={t("role")} query={matrix} />}
        {roles.length > 0 && (
          <FilterMenu
            label={t("role")}
            choices={roles.map((role) => ({ id: role.key, label: words.roleName(role) }))}
            value={state.role}
            onChange={(role) => setState({ role })}
          />
        )}
      </GridToolbar>
      <DataGrid
        id="users"
        label={t("members")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="display_name"
        link={({ id }) => ({ to: "/users/$userId", params: { userId: id } })}
        narrow={(user) => <Narrow user={user} />}
        empty={empty}
      />
      {removing && <RemoveDialog user={removing} remove={actions.remove} onClose={() => setRemoving(undefined)} />}
    </>
  );
}

function useColumns(actions: ReturnType<typeof useUserActions>, onRemove: (user: User) => void) {
  const { t } = useTranslation("users");
  const roleName = useRoleNames();
  const mayTouch = useMayTouch();
  const mayWrite = useCan()("users.write");
  // biome-ignore lint/correctness/useExhaustiveDependencies: actions are new with each drawing and do the same
  return useMemo<GridColumn<User>[]>(
    () => [
      {
        id: "display_name",
        header: t("name"),
        sort: "display_name",
        width: 220,
        grows: true,
        isFixed: true,
        cell: (user) => <UserName user={user} />,
      },
      {
        id: "email",
        header: t("email"),
        width: 230,
        cell: ({ email }) => (
          <span dir="ltr" className="person-text block truncate">
            {email}
          </span>
        ),
      },
      {
        id: "roles",
        header: t("roles"),
        width: 160,
        cell: (user) => <span className="person-text">{user.roles.map(roleName).join(", ") || t("no_roles")}</span>,
      },
      { id: "status", header: t("status"), width: 120, cell: ({ status }) => <StatusBadge status={status} /> },
      {
        id: "created_at",
        header: t("added"),
        sort: "created_at",
        width: 130,
        cell: ({ created_at }) => <Moment at={created_at} />,
      },
      {
        id: "updated_at",
        header: t("changed"),
        sort: "updated_at",
        width: 140,
        isHidden: true,
        cell: ({ updated_at }) => <Moment at={updated_at} />,
      },
      ...(mayWrite
        ? [
            {
              id: "actions",
              header: t("actions"),
              width: 90,
              isFixed: true,
              cell: (user: User) =>
                user.status !== "removed" &&
                mayTouch(user) && <UserMenu user={user} actions={actions} onRemove={onRemove} />,
            },
          ]
        : []),
    ],
    [t, roleName, mayTouch, mayWrite, onRemove],
  );
}

function Narrow({ user }: { user: User }) {
  const roleName = useRoleNames();
  return (
    <span className="grid grid-cols-1 gap-1">
      <span className="flex items-center justify-between gap-2">
        <UserName user={user} />
        <span className="shrink-0">
          <StatusBadge status={user.status} />
        </span>
      </span>
      <span className="person-text truncate text-xs font-normal text-muted">
        {user.roles.map(roleName).join(", ") || user.email}
      </span>
    </span>
  );
}
