import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "settings",
    order: 30,
    label: { en: "Roles", de: "Rollen", ar: "الأدوار" },
    icon: "shield-check",
    to: "/roles",
    permission: "roles.read",
  },
];
