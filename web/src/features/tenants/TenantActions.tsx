/** What an operator can do about a tenant: only what its state and the operator's role admit. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useOperatorCan } from "@/app/operator-access";
import { Button, Menu, type MenuAction, toast } from "@/ui";
import { etagOf } from "../editing/useEditForm";
import { useRetry } from "../operations/useRetry";
import { DeleteDialog } from "./DeleteDialog";
import type { DialogProps, TenantDetail } from "./dialogs";
import { PlanDialog } from "./PlanDialog";
import { RenameDialog } from "./RenameDialog";
import { StateDialog } from "./StateDialog";
import { following, isDeletable, leadsBack, type SettableState } from "./states";
import { type Tenant, tenantQuery, usePatchTenant } from "./tenant";

type Open = "rename" | "plan" | "delete" | Exclude<SettableState, "active">;

const ICONS = { read_only: "eye", suspended: "ban", archived: "archive" } as const;

export function TenantActions({ tenant, canRetry }: { tenant: TenantDetail; canRetry: boolean }) {
  const { t } = useTranslation("tenants");
  const { id, state } = tenant;
  const can = useOperatorCan();
  const queries = useQueryClient();
  // The version that a dialog was opened on stays its own, whatever is read meanwhile.
  const [open, setOpen] = useState<{ what: Open; on: TenantDetail }>();
  const close = () => setOpen(undefined);
  const patch = usePatchTenant(id);
  const retry = useRetry(() => toast.success(t("retried")));
  const changed: DialogProps["onChanged"] = (next, back, said) => {
    close();
    // Where somebody else was in between, what there was before is theirs.
    const isNext = next.version === (open?.on ?? tenant).version + 1;
    toast.success(said, { undo: back && isNext ? () => patch(back, etagOf(next)) : undefined });
  };

  const revive = useWrite<TenantDetail, Tenant>({
    send: async (before) => {
      const { queryKey } = tenantQuery(id);
      await queries.cancelQueries({ queryKey });
      // Shown at once, and taken back where it is refused.
      queries.setQueryData(queryKey, { ...before, state: "active", state_reason: null });
      try {
        return (await patch({ state: "active" }, etagOf(before))).data;
      } catch (thrown) {
        queries.setQueryData(queryKey, before);
        void queries.invalidateQueries({ queryKey });
        throw thrown;
      }
    },
    onSuccess: (next, before) => {
      const { state, state_reason } = before;
      const back = leadsBack(state, "active") ? { state, state_reason } : undefined;
      changed(next, back, t(state === "deleting" ? "deletion_taken_back" : "made.active"));
    },
    onError: toast.problem,
  });

  const mayWrite = can("platform.tenants.write");
  const mayDelete = can("platform.tenants.delete");
  const next = mayWrite ? following(state) : [];
  const canRevive = next.includes("active") || (state === "deleting" && mayWrite && mayDelete);
  const isSettled = following(state).length > 0;
  const edits: MenuAction[] = [
    ...(mayWrite && isSettled ? [action("rename", "pencil")] : []),
    ...(can("platform.plans.assign") && isSettled ? [action("plan", "layers")] : []),
  ];
  const closings: MenuAction[] = next
    .filter((to) => to !== "active")
    .map((to) => ({
      id: to,
      label: t(`make.${to}`),
      icon: ICONS[to],
      onAction: () => setOpen({ what: to, on: tenant }),
    }));
  const ends: MenuAction[] =
    mayDelete && isDeletable(state) ? [{ ...action("delete", "trash-2"), isDanger: true }] : [];
  const sections = [
    { id: "edits", actions: edits },
    { id: "states", actions: closings },
    { id: "ends", actions: ends },
  ].filter(({ actions }) => actions.length > 0);

  function action(what: "rename" | "plan" | "delete", icon: MenuAction["icon"]): MenuAction {
    const label = { rename: t("rename"), plan: t("change_plan"), delete: t("delete") }[what];
    return { id: what, label, icon, onAction: () => setOpen({ what, on: tenant }) };
  }

  return (
    <>
      {canRetry && mayWrite && (
        <Button variant="primary" icon="refresh-cw" isPending={retry.isPending} onPress={() => retry.mutate(id)}>
          {t("retry")}
        </Button>
      )}
      {canRevive && (
        <Button variant="primary" icon="rotate-ccw" isPending={revive.isPending} onPress={() => revive.mutate(tenant)}>
          {t(state === "deleting" ? "take_deletion_back" : "make.active")}
        </Button>
      )}
      {sections.length > 0 && <Menu label={t("actions")} sections={sections} />}
      {open?.what === "rename" && <RenameDialog opened={open.on} onClose={close} onChanged={changed} />}
      {open?.what === "plan" && <PlanDialog opened={open.on} onClose={close} onChanged={changed} />}
      {(open?.what === "read_only" || open?.what === "suspended" || open?.what === "archived") && (
        <StateDialog opened={open.on} to={open.what} onClose={close} onChanged={changed} />
      )}
      {open?.what === "delete" && (
        <DeleteDialog
          opened={open.on}
          onClose={close}
          onOutdated={() => {
            const now = queries.getQueryData<TenantDetail>(tenantQuery(id).queryKey);
            if (now) setOpen({ what: "delete", on: now });
          }}
          onDeleted={() => {
            close();
            toast.success(t("deleted", { name: tenant.name }));
          }}
        />
      )}
    </>
  );
}
