import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "catalogue",
    order: 30,
    label: { en: "Tags", de: "Schlagwörter", ar: "الوسوم" },
    icon: "tags",
    to: "/tags",
    permission: "products.read",
  },
];
