import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "roles",
    area: "workspace",
    label: { en: "Go to the roles", de: "Zu den Rollen", ar: "الذهاب إلى الأدوار" },
    words: { en: "permissions rights matrix", de: "Berechtigungen Rechte Matrix", ar: "الصلاحيات الحقوق" },
    icon: "shield-check",
    permission: "roles.read",
    keys: ["g", "r"],
    run: ({ go }) => go({ to: "/roles" }),
  },
  {
    id: "role-new",
    area: "workspace",
    label: { en: "New role", de: "Neue Rolle", ar: "دور جديد" },
    icon: "plus",
    permission: "roles.write",
    run: ({ go }) => go({ to: "/roles", hash: "new" }),
  },
];
