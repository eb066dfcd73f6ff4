import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "stock",
    order: 20,
    label: { en: "Movements", de: "Bewegungen", ar: "الحركات" },
    icon: "history",
    to: "/stock-movements",
    permission: "inventory.read",
  },
];
