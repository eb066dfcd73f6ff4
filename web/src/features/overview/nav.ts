import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "operator",
    group: "platform",
    order: 10,
    label: { en: "Overview", de: "Überblick", ar: "نظرة عامة" },
    icon: "gauge",
    to: "/operator",
    permission: "platform.tenants.read",
    isExact: true,
  },
];
