import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "overview",
    area: "operator",
    label: { en: "Go to the overview", de: "Zum Überblick", ar: "الذهاب إلى النظرة العامة" },
    icon: "gauge",
    permission: "platform.tenants.read",
    keys: ["g", "o"],
    run: ({ go }) => go({ to: "/operator" }),
  },
];
