import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "settings",
    order: 50,
    label: { en: "Audit log", de: "Audit-Protokoll", ar: "سجل التدقيق" },
    icon: "history",
    to: "/audit-logs",
    permission: "audit_logs.read",
  },
];
