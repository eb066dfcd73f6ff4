/** Deletes a tenant: says until when it could be taken back, as the server has it, and wants its address typed. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { useFormats } from "@/i18n";
import { Button, Dialog, ErrorPanel, SkeletonText } from "@/ui";
import { etagOf } from "../editing/useEditForm";
import type { Tenant } from "./tenant";

interface Props {
  opened: Tenant;
  onClose: () => void;
  onDeleted: () => void;
  /** The version that was opened is no longer the present one, which is read by now. */
  onOutdated: () => void;
}

export function DeleteDialog({ opened: tenant, onClose, onDeleted, onOutdated }: Props) {
  const { t } = useTranslation("tenants");
  const formats = useFormats();
  const queries = useQueryClient();
  const field = useId();
  const [typed, setTyped] = useState("");
  const etag = etagOf(tenant);
  const params = { path: { id: tenant.id }, header: { "If-Match": etag } };
  const rehearsal = useQuery({
    queryKey: ["/api/v1/tenants", tenant.id, "delete", etag],
    queryFn: async ({ signal }) => {
      const query = { dry_run: true };
      return (await answer(api.DELETE("/api/v1/tenants/{id}", { params: { ...params, query }, signal }))).data;
    },
    gcTime: 0,
  });
  const remove = useWrite({
    send: () => answer(api.DELETE("/api/v1/tenants/{id}", { params })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["/api/v1/tenants"] });
      onDeleted();
    },
    invalidates: [["/api/v1/admin/operations"], ["/api/v1/admin/audit-logs"]],
  });
  const problem = remove.error ?? rehearsal.error;
  // Somebody changed it: it is read anew, and what its deletion would do is asked of the version there is now.
  const retry = async () => {
    remove.reset();
    await queries.invalidateQueries({
      queryKey: ["/api/v1/tenants"],
      predicate: ({ queryKey }) => !queryKey.includes("delete"),
    });
    if (problem?.code === "PRECONDITION_FAILED") onOutdated();
    else await rehearsal.refetch();
  };
  const until = rehearsal.data?.erase_after;
  return (
    <Dialog isOpen onClose={onClose} role="alertdialog" title={t("delete_title", { name: tenant.name })}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === tenant.slug && until) remove.mutate();
        }}
      >
        {problem && <ErrorPanel error={problem} onRetry={() => void retry()} compact />}
        {rehearsal.isPending && <SkeletonText lines={2} />}
        {until && <p className="text-pretty">{t("delete_text", { until: formats.dateTime(until) })}</p>}
        <div className="textfield">
          <label htmlFor={field} className="label">
            {t("delete_type", { slug: tenant.slug })}
          </label>
          <input
            id={field}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            dir="ltr"
            autoFocus
            className="input font-mono rtl:text-end"
          />
        </div>
        <div className="flex flex-wrap justify-end gap-2">
          <Button variant="ghost" onPress={onClose}>
            {t("cancel")}
          </Button>
          <Button
            type="submit"
            variant="danger"
            icon="trash-2"
            isPending={remove.isPending}
            isDisabled={typed !== tenant.slug || !until}
          >
            {t("delete")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
