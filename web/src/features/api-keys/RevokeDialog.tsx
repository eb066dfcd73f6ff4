/** Ends a key for good: programs that use it are refused within a second. */
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { ConfirmByName, toast } from "@/ui";
import type { ApiKey } from "./ApiKeysPage";

export function RevokeDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation("api-keys");
  const revoke = useWrite({
    send: () => answer(api.DELETE("/api/v1/api-keys/{id}", { params: { path: { id: apiKey.id } } })),
    invalidates: [["/api/v1/api-keys"]],
    onSuccess: () => {
      toast.success(t("revoked", { name: apiKey.name }));
      onClose();
    },
  });
  return (
    <ConfirmByName
      title={t("revoke_title", { name: apiKey.name })}
      name={apiKey.name}
      confirmLabel={t("revoke")}
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      {t("revoke_text")}
    </ConfirmByName>
  );
}
