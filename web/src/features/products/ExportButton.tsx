/** Exports the products that the filters by status and category show; the file is made by a job. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { Button, type ListState, toast } from "@/ui";
import { exportOf } from "./exported";

export function ExportButton({ state }: { state: ListState }) {
  const { t } = useTranslation("products");
  const navigate = useNavigate();
  const { body, label } = exportOf(state);
  const start = useWrite({
    send: (_: undefined, { key }) =>
      answer(
        api.POST("/api/v1/products/export", {
          params: { header: { "Idempotency-Key": key } },
          body,
        }),
      ),
    invalidates: [["/api/v1/jobs"]],
    onSuccess: ({ data }) => {
      const open = () => void navigate({ to: "/jobs/$id", params: { id: data.id } });
      toast.success(t("export_started"), { action: { label: t("show"), run: open } });
    },
    onError: toast.problem,
  });
  return (
    <Button icon="file-down" isPending={start.isPending} onPress={() => start.mutate(undefined)}>
      {t(label)}
    </Button>
  );
}
