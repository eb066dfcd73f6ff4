/** What is shown only to who may do it. What is hidden here the server refuses as well. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/ui";
import { type Need, useCan, useMe } from "./session";

export { type Need, useCan, useFeature, useMe } from "./session";

interface Props {
  /** All of them are needed. */
  permission?: Need;
  /** A feature of the organization's plan. */
  feature?: string;
  children: ReactNode;
  /** Instead; nothing by default. */
  fallback?: ReactNode;
}

/** Around a control or a part of a page. */
export function PermissionGate({ permission = [], feature, children, fallback = null }: Props) {
  const can = useCan();
  const { entitlements } = useMe();
  const allowed = can(permission) && (!feature || entitlements.features.includes(feature));
  return allowed ? children : fallback;
}

/** Around a whole page: says that it is not theirs to see, where somebody came by its address. */
export function PageGate({ permission, children }: { permission: Need; children: ReactNode }) {
  const { t } = useTranslation("app");
  return (
    <PermissionGate
      permission={permission}
      fallback={
        <EmptyState isPage icon="lock" title={t("forbidden.title")}>
          {t("forbidden.text")}
        </EmptyState>
      }
    >
      {children}
    </PermissionGate>
  );
}
