import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "platform-audit-logs",
    area: "operator",
    label: { en: "Go to the audit log", de: "Zum Audit-Protokoll", ar: "الذهاب إلى سجل التدقيق" },
    words: { en: "who did what", de: "wer was getan hat", ar: "من فعل ماذا" },
    icon: "history",
    permission: "platform.audit_logs.read",
    keys: ["g", "a"],
    run: ({ go }) => go({ to: "/operator/audit-logs" }),
  },
];
