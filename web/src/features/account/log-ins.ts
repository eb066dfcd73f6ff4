/** Sessions as people know them: one log-in at one device, and the organizations that were entered from it. */
import type { Schema } from "@/api";

export type Session = Schema<"SessionOut">;

export interface LogIn {
  session: Session;
  /** Names of organizations, each once. */
  organizations: string[];
  /** When it or anything entered from it was last used. */
  lastUsedAt: string;
  isCurrent: boolean;
}

export function logInsOf(sessions: Session[]): LogIn[] {
  const ids = new Set(sessions.map(({ id }) => id));
  const roots = sessions.filter(({ parent_id }) => !parent_id || !ids.has(parent_id));
  const rootOf = (session: Session): string => {
    const parent = sessions.find(({ id }) => id === session.parent_id);
    return parent ? rootOf(parent) : session.id;
  };
  return roots
    .map((root) => {
      const all = sessions.filter((session) => rootOf(session) === root.id);
      return {
        session: root,
        organizations: [...new Set(all.flatMap(({ organization }) => organization?.name ?? []))],
        lastUsedAt:
          all
            .map(({ last_used_at }) => last_used_at)
            .sort()
            .at(-1) ?? root.last_used_at,
        isCurrent: all.some(({ is_current }) => is_current),
      };
    })
    .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.lastUsedAt.localeCompare(a.lastUsedAt));
}
