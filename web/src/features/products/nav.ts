import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "catalogue",
    order: 10,
    label: { en: "Products", de: "Produkte", ar: "المنتجات" },
    icon: "package",
    to: "/products",
    permission: "products.read",
  },
];
