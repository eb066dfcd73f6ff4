import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "work",
    order: 40,
    label: { en: "Imports and exports", de: "Importe und Exporte", ar: "الاستيراد والتصدير" },
    icon: "list-checks",
    to: "/jobs",
    permission: "jobs.read",
  },
];
