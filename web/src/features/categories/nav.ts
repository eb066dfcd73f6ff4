import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "catalogue",
    order: 20,
    label: { en: "Categories", de: "Kategorien", ar: "الفئات" },
    icon: "folder-tree",
    to: "/categories",
    permission: "categories.read",
  },
];
