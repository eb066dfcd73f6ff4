import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "stock",
    order: 30,
    label: { en: "Locations", de: "Lagerorte", ar: "المواقع" },
    icon: "warehouse",
    to: "/locations",
    permission: "locations.read",
  },
];
