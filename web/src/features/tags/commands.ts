import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "tags",
    area: "workspace",
    label: { en: "Go to the tags", de: "Zu den Schlagwörtern", ar: "الذهاب إلى الوسوم" },
    icon: "tags",
    permission: "products.read",
    run: ({ go }) => go({ to: "/tags" }),
  },
];
