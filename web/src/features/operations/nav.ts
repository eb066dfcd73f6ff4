import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "operator",
    group: "platform",
    order: 30,
    label: { en: "Operations", de: "Vorgänge", ar: "العمليات" },
    icon: "activity",
    to: "/operator/operations",
    permission: "platform.tenants.read",
  },
];
