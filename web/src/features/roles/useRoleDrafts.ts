/**
 * Changes to what roles allow and deny, collected before they are saved, role by role. A role that somebody else has
 * changed meanwhile (412) keeps its draft until the person has decided.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { toast } from "@/ui";
import type { Conflict } from "../editing/useEditForm";
import {
  type Effect,
  type Grants,
  grantsBody,
  grantsIn,
  grantsOf,
  type Matrix,
  type MatrixPermission,
  matrixQuery,
  ROLE_QUERIES,
  type RoleOut,
} from "./matrix";

interface Replacing {
  id: string;
  name: string;
  version: number;
  before: Grants;
  after: Grants;
}

/** Role (by its key) → permission → what it shall be. */
type Drafts = Record<string, Grants>;

export interface RoleConflict extends Conflict<Grants> {
  roleName: string;
}

export function useRoleDrafts(matrix: Matrix) {
  const { t } = useTranslation("roles");
  const queries = useQueryClient();
  const [drafts, setDrafts] = useState<Drafts>({});
  const replace = (one: Replacing) =>
    answer(
      api.PUT("/api/v1/roles/{id}/permissions", {
        params: { path: { id: one.id }, header: { "If-Match": `"${one.version}"` } },
        body: grantsBody(one.after),
      }),
    );
  const back = useWrite<Replacing>({ send: replace, invalidates: ROLE_QUERIES });
  const write = useWrite<Replacing, { data: RoleOut }>({
    send: replace,
    invalidates: ROLE_QUERIES,
    onSuccess: ({ data }, sent) => {
      forget(data.key);
      toast.success(t("saved", { name: sent.name }), {
        undo: () => back.mutateAsync({ ...sent, version: data.version, before: sent.after, after: sent.before }),
      });
    },
    onError: (problem) => problem.code !== "PRECONDITION_FAILED" && toast.problem(problem),
  });

  const forget = (roleKey: string) => setDrafts(({ [roleKey]: _, ...others }) => others);
  const changedOf = (roleKey: string): Grants => {
    const before = grantsOf(matrix, roleKey);
    return Object.fromEntries(
      Object.entries(drafts[roleKey] ?? {}).filter(([permission, effect]) => before[permission] !== effect),
    );
  };
  const changed = matrix.roles.filter(({ key }) => Object.keys(changedOf(key)).length > 0);

  const save = async () => {
    for (const role of changed) {
      const before = grantsOf(matrix, role.key);
      const after = { ...before, ...drafts[role.key] };
      await write.mutateAsync({ id: role.id, name: role.name, version: role.version, before, after });
    }
  };

  const { error, variables } = write;
  const theirs = error?.code === "PRECONDITION_FAILED" ? (error.details as RoleOut) : undefined;
  const conflict: RoleConflict | undefined =
    theirs && variables
      ? {
          roleName: theirs.name,
          before: variables.before,
          yours: variables.after,
          now: grantsIn(theirs),
          isPending: write.isPending,
          keepYours: () => {
            const now = grantsIn(theirs);
            write.mutate({
              ...variables,
              version: theirs.version,
              before: now,
              after: { ...now, ...changedOf(theirs.key) },
            });
          },
          takeNow: () => {
            forget(theirs.key);
            write.reset();
            void queries.invalidateQueries({ queryKey: matrixQuery.queryKey });
          },
        }
      : undefined;

  return {
    conflict,
    isPending: write.isPending,
    /** How many cells differ from what is saved. */
    count: changed.reduce((sum, { key }) => sum + Object.keys(changedOf(key)).length, 0),
    effectOf: (roleKey: string, permission: MatrixPermission): Effect => {
      const draft = drafts[roleKey];
      return draft && permission.key in draft ? draft[permission.key] : (permission.roles[roleKey] as Effect);
    },
    set: (roleKey: string, permission: string, effect: Effect) =>
      setDrafts((before) => ({ ...before, [roleKey]: { ...before[roleKey], [permission]: effect } })),
    save: () => save().catch(() => undefined),
    discard: () => {
      setDrafts({});
      write.reset();
    },
  };
}
