import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "operations",
    area: "operator",
    label: { en: "Go to the operations", de: "Zu den Vorgängen", ar: "الذهاب إلى العمليات" },
    icon: "activity",
    permission: "platform.tenants.read",
    keys: ["g", "w"],
    run: ({ go }) => go({ to: "/operator/operations" }),
  },
  {
    id: "operations-failing",
    area: "operator",
    label: { en: "Show what is failing", de: "Anzeigen, was fehlschlägt", ar: "عرض ما يفشل" },
    words: { en: "retry errors provisioning", de: "wiederholen Fehler Einrichtung", ar: "إعادة المحاولة أخطاء" },
    icon: "triangle-alert",
    permission: "platform.tenants.read",
    run: ({ go }) => go({ to: "/operator/operations", search: { is_failing: "true" } }),
  },
];
