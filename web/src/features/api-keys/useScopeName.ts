/** What a scope is called; it is a permission. */
import { useRoleWords } from "../roles/words";

export function useScopeName(): (scope: string) => string {
  const { permissionName } = useRoleWords();
  return (scope) => permissionName({ key: scope, summary: scope });
}
