import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "operator",
    group: "platform",
    order: 40,
    label: { en: "Plans", de: "Tarife", ar: "الخطط" },
    icon: "layers",
    to: "/operator/plans",
    permission: "platform.plans.read",
  },
];
