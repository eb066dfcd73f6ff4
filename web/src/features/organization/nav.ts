import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "settings",
    order: 10,
    label: { en: "Settings", de: "Einstellungen", ar: "الإعدادات" },
    icon: "building-2",
    to: "/organization",
    permission: "settings.read",
  },
];
