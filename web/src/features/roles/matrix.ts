/** Roles × permissions as the API gives them, and what follows for who holds several roles. */
import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schema } from "@/api";

export type Matrix = Schema<"MatrixOut">;
export type MatrixRole = Schema<"MatrixRoleOut">;
export type MatrixPermission = Schema<"MatrixPermissionOut">;
export type RoleOut = Schema<"RoleOut">;

/** What a role says of a permission: nothing, or one of the two. */
export type Effect = "allow" | "deny" | undefined;
/** Permission → effect; a permission that is not named has none. */
export type Grants = Record<string, Effect>;

/** Queries to read anew after roles were changed. */
export const ROLE_QUERIES = [["/api/v1/roles"], ["me"]];

export const matrixQuery = queryOptions({
  queryKey: ["/api/v1/roles", "matrix"],
  queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/roles/matrix", { signal }))).data,
});

export function permissionsOf(matrix: Matrix): MatrixPermission[] {
  return matrix.groups.flatMap((group) => group.permissions);
}

/** What one role names. */
export function grantsOf(matrix: Matrix, roleKey: string): Grants {
  const named = permissionsOf(matrix).filter((permission) => permission.roles[roleKey]);
  return Object.fromEntries(named.map(({ key, roles }) => [key, roles[roleKey] as Effect]));
}

/** The same of a role by itself, as a write answers it. */
export function grantsIn(role: Pick<RoleOut, "grants">): Grants {
  return Object.fromEntries(role.grants.map(({ permission, effect }) => [permission, effect as Effect]));
}

/** As the API takes them. */
export function grantsBody(grants: Grants): Schema<"GrantsIn"> {
  const keys = (wanted: Effect) =>
    Object.keys(grants)
      .filter((key) => grants[key] === wanted)
      .sort();
  return { allow: keys("allow"), deny: keys("deny") };
}

export interface Standing {
  isAllowed: boolean;
  allowedBy: string[];
  /** One is enough to outweigh all that allow. */
  deniedBy: string[];
}

/** What somebody with these roles may do, and which of the roles say so. */
export function standingOf(permission: MatrixPermission, roleKeys: readonly string[]): Standing {
  const saying = (effect: Effect) => roleKeys.filter((key) => permission.roles[key] === effect);
  const [allowedBy, deniedBy] = [saying("allow"), saying("deny")];
  return { isAllowed: allowedBy.length > 0 && deniedBy.length === 0, allowedBy, deniedBy };
}

/** Whether a person who may do `own` can give, take and change a role: it names nothing that they don't hold. */
export function isWithin(matrix: Matrix, roleKey: string, own: (permission: string) => boolean): boolean {
  return Object.keys(grantsOf(matrix, roleKey)).every(own);
}

/** What comes next when somebody presses on: nothing → allow → deny, as far as it can be → nothing. */
export function nextEffect(effect: Effect, permission: Pick<MatrixPermission, "is_deniable">): Effect {
  if (effect === undefined) return "allow";
  return effect === "allow" && permission.is_deniable ? "deny" : undefined;
}

/** A key for a role, made from its name; names of other alphabets give none. */
export function roleKeyOf(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll("ß", "ss")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, 63)
    .replace(/_+$/, "");
}
