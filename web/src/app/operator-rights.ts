/**
 * What each role of the platform may do, for what the console shows; the server decides. A role that is not known here is
 * shown everything. The test compares this with the table that the server's own tests keep.
 */
export type PlatformPermission =
  | "platform.tenants.read"
  | "platform.tenants.write"
  | "platform.tenants.create"
  | "platform.tenants.delete"
  | "platform.plans.read"
  | "platform.plans.assign"
  | "platform.audit_logs.read";

export const PLATFORM_PERMISSIONS: readonly PlatformPermission[] = [
  "platform.tenants.read",
  "platform.tenants.write",
  "platform.tenants.create",
  "platform.tenants.delete",
  "platform.plans.read",
  "platform.plans.assign",
  "platform.audit_logs.read",
];

const ROLES: Record<string, readonly string[]> = {
  super_admin: PLATFORM_PERMISSIONS,
  support: ["platform.tenants.read", "platform.tenants.write", "platform.plans.read", "platform.audit_logs.read"],
  billing: ["platform.tenants.read", "platform.plans.read", "platform.plans.assign"],
};

export function mayOperator(role: string, permission: string): boolean {
  return ROLES[role]?.includes(permission) ?? true;
}
