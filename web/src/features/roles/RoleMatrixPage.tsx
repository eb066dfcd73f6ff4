/** What every role allows and denies; those of the organization's own are changed here. */
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { Button, ErrorPanel, SkeletonText, useMedia } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { LeaveGuard } from "../editing/LeaveGuard";
import { EffectMark } from "./EffectMark";
import { type Effect, isWithin, type Matrix, type MatrixRole, matrixQuery, permissionsOf } from "./matrix";
import { PermissionMatrix } from "./PermissionMatrix";
import { RolesFrame } from "./RolesFrame";
import { useRoleDrafts } from "./useRoleDrafts";
import { useRoleWords } from "./words";

const EFFECTS: Effect[] = ["allow", "deny", undefined];

export function RoleMatrixPage() {
  return (
    <RolesFrame fill={!useIsNarrow()}>
      <Loaded />
    </RolesFrame>
  );
}

/** There is room for one role, and the page scrolls as a whole. */
function useIsNarrow(): boolean {
  return useMedia("(max-width: 47.99rem)");
}

function Loaded() {
  const { data, error, refetch } = useQuery(matrixQuery);
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  return data ? <Roles matrix={data} /> : <SkeletonText lines={12} />;
}

function Roles({ matrix }: { matrix: Matrix }) {
  const { t } = useTranslation("roles");
  const words = useRoleWords();
  const can = useCan();
  const isNarrow = useIsNarrow();
  const { role: asked } = useSearch({ from: "/workspace/roles/matrix" });
  const [picked, setPicked] = useState(asked);
  const drafts = useRoleDrafts(matrix);
  const isEditable = (role: MatrixRole) => !role.built_in && can("roles.write") && isWithin(matrix, role.key, can);
  const one = matrix.roles.find(({ key }) => key === picked) ?? matrix.roles[0];
  const names = new Map(permissionsOf(matrix).map((permission) => [permission.key, words.permissionName(permission)]));
  return (
    <>
      <div className="mb-3 flex flex-wrap items-center gap-x-5 gap-y-2">
        {isNarrow && one && (
          <label className="textfield w-full">
            <span className="label">{t("role")}</span>
            <select className="input" value={one.key} onChange={(event) => setPicked(event.target.value)}>
              {matrix.roles.map((role) => (
                <option key={role.id} value={role.key}>
                  {words.roleName(role)}
                </option>
              ))}
            </select>
          </label>
        )}
        {EFFECTS.map((effect) => (
          <EffectMark key={effect ?? "none"} effect={effect} withWord />
        ))}
        {matrix.roles.some(isEditable) && <span className="text-xs text-muted">{t("how")}</span>}
      </div>
      {drafts.conflict && (
        <div className="mb-3">
          <EditConflict
            conflict={drafts.conflict}
            label={(permission) => names.get(permission) ?? permission}
            show={(_, effect) => <EffectMark effect={effect as Effect} withWord />}
          />
        </div>
      )}
      <PermissionMatrix
        matrix={matrix}
        roles={isNarrow && one ? [one] : matrix.roles}
        isEditable={isEditable}
        drafts={drafts}
      />
      <div aria-live="polite">
        {drafts.count > 0 && !drafts.conflict && (
          <div className="mt-3 flex flex-wrap items-center gap-2 rounded-xl border border-border bg-overlay p-3 shadow-overlay">
            <p className="flex-1 font-medium">{t("changes", { count: drafts.count })}</p>
            <Button variant="ghost" isDisabled={drafts.isPending} onPress={drafts.discard}>
              {t("discard")}
            </Button>
            <Button variant="primary" isPending={drafts.isPending} onPress={() => void drafts.save()}>
              {t("save")}
            </Button>
          </div>
        )}
      </div>
      <LeaveGuard isDirty={drafts.count > 0} />
    </>
  );
}
