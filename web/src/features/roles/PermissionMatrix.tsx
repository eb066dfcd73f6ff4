/**
 * Permissions by area, one column a role. One cell at a time is in the order of Tab and arrow keys walk, as in every grid;
 * Space or Enter changes a cell of a role that the person may change.
 */
import { Fragment, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Badge, Icon } from "@/ui";
import { useWalking } from "@/ui/grid/useWalking";
import { EffectMark } from "./EffectMark";
import { type Effect, type Matrix, type MatrixPermission, type MatrixRole, nextEffect, permissionsOf } from "./matrix";
import type { useRoleDrafts } from "./useRoleDrafts";
import { useRoleWords } from "./words";

interface Props {
  matrix: Matrix;
  /** The columns. */
  roles: MatrixRole[];
  isEditable: (role: MatrixRole) => boolean;
  drafts: ReturnType<typeof useRoleDrafts>;
}

export function PermissionMatrix({ matrix, roles, isEditable, drafts }: Props) {
  const { t } = useTranslation("roles");
  const words = useRoleWords();
  const scroller = useRef<HTMLDivElement>(null);
  const order = permissionsOf(matrix);
  const walking = useWalking({ rows: order.length, columns: roles.length, scroller, toRow: () => undefined });
  const tabIndex = (row: number, column: number) =>
    walking.active.row === row && walking.active.column === Math.min(column, roles.length - 1) ? 0 : -1;
  return (
    <div
      ref={scroller}
      className="max-h-full min-h-0 scrollbar overflow-auto rounded-xl border border-border bg-surface shadow-surface"
    >
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that is walked through by arrow keys */}
      <table role="grid" aria-label={t("matrix")} onKeyDown={walking.onKeyDown} className="w-full border-collapse">
        <thead>
          <tr>
            <th
              scope="col"
              className="sticky start-0 top-0 z-20 bg-surface-secondary px-4 py-2 text-start text-xs font-medium text-muted sm:min-w-80"
            >
              {t("permission")}
            </th>
            {roles.map((role, column) => (
              <th
                key={role.id}
                scope="col"
                data-cell={`-1:${column}`}
                tabIndex={tabIndex(-1, column)}
                className="sticky top-0 z-10 min-w-24 bg-surface-secondary px-2 py-2 align-bottom font-medium outline-offset-[-2px]"
              >
                <span className="person-text block break-words">{words.roleName(role)}</span>
                {isEditable(role) && <Badge tone="accent">{t("yours")}</Badge>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {matrix.groups.map((group) => (
            <Fragment key={group.key}>
              <tr>
                <th
                  scope="rowgroup"
                  colSpan={roles.length + 1}
                  className="border-t border-border bg-surface px-4 pt-4 pb-1.5 text-start font-semibold"
                >
                  <span className="sticky start-4">{words.groupName(group)}</span>
                </th>
              </tr>
              {group.permissions.map((permission) => (
                <tr key={permission.key} className="border-t border-separator hover:bg-surface-secondary">
                  <th
                    scope="row"
                    className="sticky start-0 z-10 bg-inherit px-4 py-2 text-start font-normal [tr:not(:hover)>&]:bg-surface"
                  >
                    <span className="block text-pretty">{words.permissionName(permission)}</span>
                    <span className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
                      <span className="code-text">{permission.key}</span>
                      {permission.gives_access && (
                        <span className="inline-flex items-center gap-1">
                          <Icon name="key-round" className="size-3" />
                          {t("gives_access")}
                        </span>
                      )}
                    </span>
                  </th>
                  {roles.map((role, column) => {
                    const row = order.indexOf(permission);
                    return (
                      <Cell
                        key={role.id}
                        role={role}
                        permission={permission}
                        effect={drafts.effectOf(role.key, permission)}
                        cell={`${row}:${column}`}
                        tabIndex={tabIndex(row, column)}
                        onChange={isEditable(role) && permission.is_grantable ? drafts.set : undefined}
                      />
                    );
                  })}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps {
  role: MatrixRole;
  permission: MatrixPermission;
  effect: Effect;
  cell: string;
  tabIndex: number;
  /** Left out where it can't be changed. */
  onChange: ((roleKey: string, permission: string, effect: Effect) => void) | undefined;
}

function Cell({ role, permission, effect, cell, tabIndex, onChange }: CellProps) {
  const { t } = useTranslation("roles");
  const words = useRoleWords();
  const isChanged = effect !== permission.roles[role.key];
  if (!onChange)
    return (
      <td data-cell={cell} tabIndex={tabIndex} className="px-2 py-1.5 text-center outline-offset-[-2px]">
        <EffectMark effect={effect} />
      </td>
    );
  const label = t("cell", {
    role: words.roleName(role),
    permission: words.permissionName(permission),
    effect: t(`effects.${effect ?? "none"}`),
  });
  return (
    <td className="px-2 py-1.5 text-center">
      <button
        type="button"
        data-cell={cell}
        tabIndex={tabIndex}
        aria-label={label}
        onClick={() => onChange(role.key, permission.key, nextEffect(effect, permission))}
        className={`inline-flex h-8 w-12 items-center justify-center rounded-lg border bg-surface hover:border-accent ${isChanged ? "border-accent ring-2 ring-accent-soft" : "border-field-border"}`}
      >
        <EffectMark effect={effect} />
      </button>
    </td>
  );
}
