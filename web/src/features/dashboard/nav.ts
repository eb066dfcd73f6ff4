import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "work",
    order: 10,
    label: { en: "Start", de: "Start", ar: "البداية" },
    icon: "layout-dashboard",
    to: "/",
    isExact: true,
  },
];
