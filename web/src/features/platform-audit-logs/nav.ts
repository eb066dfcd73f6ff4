import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "operator",
    group: "platform",
    order: 50,
    label: { en: "Audit log", de: "Audit-Protokoll", ar: "سجل التدقيق" },
    icon: "history",
    to: "/operator/audit-logs",
    permission: "platform.audit_logs.read",
  },
];
