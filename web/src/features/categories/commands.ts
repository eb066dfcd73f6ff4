import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "categories",
    area: "workspace",
    label: { en: "Go to the categories", de: "Zu den Kategorien", ar: "الذهاب إلى الفئات" },
    icon: "folder-tree",
    permission: "categories.read",
    keys: ["g", "c"],
    run: ({ go }) => go({ to: "/categories" }),
  },
];
