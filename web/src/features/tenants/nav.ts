import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "operator",
    group: "platform",
    order: 20,
    label: { en: "Tenants", de: "Mandanten", ar: "المستأجرون" },
    icon: "building-2",
    to: "/operator/tenants",
    permission: "platform.tenants.read",
  },
];
