import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "audit-logs",
    area: "workspace",
    label: { en: "Go to the audit log", de: "Zum Audit-Protokoll", ar: "الذهاب إلى سجل التدقيق" },
    words: { en: "history changes who", de: "Verlauf Änderungen wer", ar: "التغييرات السجل" },
    icon: "history",
    permission: "audit_logs.read",
    keys: ["g", "a"],
    run: ({ go }) => go({ to: "/audit-logs" }),
  },
];
