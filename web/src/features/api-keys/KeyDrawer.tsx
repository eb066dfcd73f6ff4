/** One key: what it may do, who made it, when it was used, and its end. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PermissionGate, useCan } from "@/app/access";
import { Button, Drawer, Facts, Moment, StatusBadge } from "@/ui";
import { PersonName } from "../users/people";
import type { ApiKey } from "./ApiKeysPage";
import { NEW_KEY } from "./permissions";
import { useScopeName } from "./useScopeName";

interface Props {
  apiKey: ApiKey;
  onClose: () => void;
  onSucceed: () => void;
  onRevoke: () => void;
}

export function KeyDrawer({ apiKey, onClose, onSucceed, onRevoke }: Props) {
  const { t } = useTranslation("api-keys");
  const can = useCan();
  const scopeName = useScopeName();
  const never = <span className="text-muted">{t("never")}</span>;
  const at = (moment: string | null | undefined) => (moment ? <Moment at={moment} exact /> : never);
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={apiKey.name}
      footer={
        <>
          <PermissionGate permission={NEW_KEY}>
            <Button icon="copy" onPress={onSucceed}>
              {t("succeed")}
            </Button>
          </PermissionGate>
          {apiKey.state === "active" && (
            <PermissionGate permission="api_keys.write">
              <Button variant="danger-soft" icon="ban" onPress={onRevoke}>
                {t("revoke")}
              </Button>
            </PermissionGate>
          )}
        </>
      }
    >
      <Facts
        facts={[
          { label: t("state"), value: <StatusBadge status={apiKey.state} /> },
          { label: t("key"), value: <span className="code-text">{apiKey.redacted_key}</span> },
          { label: t("last_used_at"), value: at(apiKey.last_used_at) },
          { label: t("expires_at"), value: at(apiKey.expires_at) },
          { label: t("created_by"), value: <PersonName id={apiKey.created_by} /> },
          { label: t("created_at"), value: at(apiKey.created_at) },
          apiKey.revoked_at ? { label: t("revoked_at"), value: at(apiKey.revoked_at) } : undefined,
        ]}
      />
      <h3 className="mt-5 mb-1 font-semibold">{t("scopes")}</h3>
      <ul className="divide-y divide-separator">
        {apiKey.scopes.map((scope) => (
          <li key={scope} className="py-2">
            <span className="block">{scopeName(scope)}</span>
            <span className="code-text text-xs text-muted">{scope}</span>
          </li>
        ))}
      </ul>
      {can("audit_logs.read") && (
        <p className="mt-4">
          <Link to="/audit-logs" search={{ actor_id: apiKey.id }} className="text-link underline">
            {t("did")}
          </Link>
        </p>
      )}
    </Drawer>
  );
}
