import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "settings",
    order: 20,
    label: { en: "Members", de: "Mitglieder", ar: "الأعضاء" },
    icon: "users",
    to: "/users",
    permission: "users.read",
  },
];
