import type { NavItem } from "@/app/registry";

export const nav: NavItem[] = [
  {
    area: "workspace",
    group: "settings",
    order: 40,
    label: { en: "API keys", de: "API-Schlüssel", ar: "مفاتيح API" },
    icon: "key-round",
    to: "/api-keys",
    permission: "api_keys.read",
  },
];
