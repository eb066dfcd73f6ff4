import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "jobs",
    area: "workspace",
    label: { en: "Go to imports and exports", de: "Zu Importen und Exporten", ar: "الذهاب إلى الاستيراد والتصدير" },
    words: { en: "jobs background", de: "Aufträge Hintergrund", ar: "المهام" },
    icon: "list-checks",
    permission: "jobs.read",
    keys: ["g", "i"],
    run: ({ go }) => go({ to: "/jobs" }),
  },
];
