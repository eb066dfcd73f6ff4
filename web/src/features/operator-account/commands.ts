import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "operator-account",
    area: "operator",
    label: { en: "Go to my account", de: "Zu meinem Konto", ar: "الذهاب إلى حسابي" },
    words: { en: "role session", de: "Rolle Sitzung", ar: "الدور الجلسة" },
    icon: "user-cog",
    run: ({ go }) => go({ to: "/operator/account" }),
  },
];
