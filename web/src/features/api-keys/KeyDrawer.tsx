/** One key: what it may do, who made it, when it was used, and its end. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { PermissionGate, useCan } from "@/app/access";
import { Button, Drawer, Moment, StatusBadge } from "@/ui";
import { PersonName } from "../users/people";
import type { ApiKey } from "./ApiKeysPage";
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
  const facts: [string, ReactNode][] = [
    [t("state"), <StatusBadge key="state" status={apiKey.state} />],
    [
      t("key"),
      <span key="key" className="code-text">
        {apiKey.redacted_key}
      </span>,
    ],
    [t("last_used_at"), apiKey.last_used_at ? <Moment key="used" at={apiKey.last_used_at} exact /> : never],
    [t("expires_at"), apiKey.expires_at ? <Moment key="expires" at={apiKey.expires_at} exact /> : never],
    [t("created_by"), <PersonName key="by" id={apiKey.created_by} />],
    [t("created_at"), <Moment key="at" at={apiKey.created_at} exact />],
    ...(apiKey.revoked_at
      ? ([[t("revoked_at"), <Moment key="revoked" at={apiKey.revoked_at} exact />]] as [string, ReactNode][])
      : []),
  ];
  return (
    <Drawer
      isOpen
      onClose={onClose}
      title={apiKey.name}
      footer={
        <PermissionGate permission={["api_keys.write", "roles.read"]}>
          <Button icon="copy" onPress={onSucceed}>
            {t("succeed")}
          </Button>
          {apiKey.state === "active" && (
            <Button variant="danger-soft" icon="ban" onPress={onRevoke}>
              {t("revoke")}
            </Button>
          )}
        </PermissionGate>
      }
    >
      <dl className="grid grid-cols-1 gap-x-6 gap-y-3 sm:grid-cols-2">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-muted">{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
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
