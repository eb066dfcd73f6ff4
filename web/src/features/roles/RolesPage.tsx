/** The roles of the organization: those that are built in, and its own. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { useHashSwitch } from "@/app/useHashSwitch";
import {
  Badge,
  ErrorPanel,
  IconButton,
  Menu,
  type MenuAction,
  Section,
  SkeletonText,
  useFocusAfterRemoval,
} from "@/ui";
import { isWithin, type Matrix, type MatrixRole, matrixQuery, permissionsOf } from "./matrix";
import { RoleDrawer, type RoleForm } from "./RoleDrawer";
import { RolesFrame } from "./RolesFrame";
import { useDeleteRole } from "./useDeleteRole";
import { useRoleWords } from "./words";

export function RolesPage() {
  return (
    <RolesFrame>
      <Loaded />
    </RolesFrame>
  );
}

function Loaded() {
  const { t } = useTranslation("roles");
  const { data, error, refetch } = useQuery(matrixQuery);
  const can = useCan();
  const [isNew, turnNew] = useHashSwitch("new");
  const [form, setForm] = useState<RoleForm>();
  const list = useFocusAfterRemoval<HTMLDivElement>(data?.roles.map(({ id }) => id) ?? []);
  const close = () => {
    setForm(undefined);
    if (isNew) turnNew(false);
  };
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonText lines={8} />;
  const open = form ?? (isNew && can("roles.write") ? {} : undefined);
  const own = data.roles.filter((role) => !role.built_in);
  return (
    <div ref={list} className="grid gap-5">
      <Section title={t("own")} description={t("own_text")} flush>
        {own.length === 0 ? (
          <p className="px-5 pb-5 text-muted">{t("none")}</p>
        ) : (
          <List matrix={data} roles={own} onOpen={setForm} />
        )}
      </Section>
      <Section title={t("built_in")} description={t("built_in_text")} flush>
        <List matrix={data} roles={data.roles.filter((role) => role.built_in)} onOpen={setForm} />
      </Section>
      {open && <RoleDrawer key={open.role?.id ?? open.from ?? "new"} form={open} matrix={data} onClose={close} />}
    </div>
  );
}

function List({ roles, ...rest }: { matrix: Matrix; roles: MatrixRole[]; onOpen: (form: RoleForm) => void }) {
  return (
    <ul className="divide-y divide-separator border-t border-separator">
      {roles.map((role) => (
        <Row key={role.id} role={role} {...rest} />
      ))}
    </ul>
  );
}

function Row({ role, matrix, onOpen }: { role: MatrixRole; matrix: Matrix; onOpen: (form: RoleForm) => void }) {
  const { t } = useTranslation("roles");
  const words = useRoleWords();
  const can = useCan();
  const remove = useDeleteRole(matrix);
  const name = words.roleName(role);
  const allowed = permissionsOf(matrix).filter((permission) => permission.roles[role.key] === "allow").length;
  const isMine = !role.built_in && isWithin(matrix, role.key, can);
  const actions: MenuAction[] = can("roles.write")
    ? [
        ...(isMine
          ? [{ id: "edit", label: t("edit"), icon: "pencil" as const, onAction: () => onOpen({ role }) }]
          : []),
        { id: "copy", label: t("copy"), icon: "copy", onAction: () => onOpen({ from: role.key }) },
        ...(isMine
          ? [
              {
                id: "delete",
                label: t("delete"),
                icon: "trash-2" as const,
                isDanger: true,
                onAction: () => remove(role),
              },
            ]
          : []),
      ]
    : [];
  return (
    <li data-row={role.id} className="flex items-start gap-3 px-4 py-3.5 sm:px-5">
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
          <Link
            to="/roles/matrix"
            search={{ role: role.key }}
            className="person-text font-semibold break-words hover:underline"
          >
            {name}
          </Link>
          <span className="code-text text-xs text-muted">{role.key}</span>
          {!role.built_in && <Badge tone="accent">{t("yours")}</Badge>}
        </div>
        <p dir="auto" className="person-text text-pretty text-muted">
          {words.roleDescription(role)}
        </p>
        <p className="mt-1 flex flex-wrap gap-x-4 text-xs text-muted">
          <span>{t("allows", { count: allowed })}</span>
          {can("users.read") && role.users > 0 ? (
            <Link to="/users" search={{ role: role.key }} className="text-link underline">
              {t("people", { count: role.users })}
            </Link>
          ) : (
            <span>{t("people", { count: role.users })}</span>
          )}
        </p>
      </div>
      {actions.length > 0 && (
        <Menu label={t("more_of", { name })} sections={[{ id: "actions", actions }]}>
          <IconButton icon="ellipsis" label={t("more_of", { name })} />
        </Menu>
      )}
    </li>
  );
}
