import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "invitations",
    area: "workspace",
    label: { en: "Go to the invitations", de: "Zu den Einladungen", ar: "الذهاب إلى الدعوات" },
    icon: "mail",
    permission: "users.read",
    run: ({ go }) => go({ to: "/invitations" }),
  },
];
