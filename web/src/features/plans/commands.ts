import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "plans",
    area: "operator",
    label: { en: "Go to the plans", de: "Zu den Tarifen", ar: "الذهاب إلى الخطط" },
    words: { en: "prices limits", de: "Preise Grenzen", ar: "الأسعار الحدود" },
    icon: "layers",
    permission: "platform.plans.read",
    keys: ["g", "p"],
    run: ({ go }) => go({ to: "/operator/plans" }),
  },
];
