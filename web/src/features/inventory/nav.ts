import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "stock",
    order: 10,
    label: { en: "Stock", de: "Bestand", ar: "المخزون" },
    icon: "boxes",
    to: "/inventory",
    permission: "inventory.read",
  },
];
