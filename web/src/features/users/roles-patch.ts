import type { Schema } from "@/api";

/** What must be given and taken so that somebody who holds `before` holds `after`. */
export function rolesPatch(before: readonly string[], after: readonly string[]): Schema<"UserRolesPatch"> {
  return {
    add: after.filter((role) => !before.includes(role)),
    remove: before.filter((role) => !after.includes(role)),
  };
}
