/** Who the operator is, and what is shown only to who may do it; inside the operators' area. */
import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { EmptyState } from "@/ui";
import { mayOperator, type PlatformPermission } from "./operator-rights";
import { operatorQuery } from "./session";

const NOBODY: Schema<"OperatorOut"> = { id: "", email: "", display_name: "", role: "" };

/** The area's guard has loaded it. */
export function useOperatorSession(): { operator: Schema<"OperatorOut">; access_expires_at?: string | null } {
  const { operator, access_expires_at } = useSuspenseQuery(operatorQuery).data;
  return { operator: operator ?? NOBODY, access_expires_at };
}

export function useOperatorCan(): (permission: PlatformPermission) => boolean {
  const { role } = useOperatorSession().operator;
  return (permission) => mayOperator(role, permission);
}

/** Around a whole page: says that it is not theirs to see, where somebody came by its address. */
export function OperatorGate({ permission, children }: { permission: PlatformPermission; children: ReactNode }) {
  const { t } = useTranslation("app");
  if (useOperatorCan()(permission)) return children;
  return (
    <EmptyState isPage icon="lock" title={t("forbidden.title")}>
      {t("forbidden.operator")}
    </EmptyState>
  );
}
