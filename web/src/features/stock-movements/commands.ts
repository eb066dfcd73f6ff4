import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "stock-movements",
    area: "workspace",
    label: { en: "Go to the movements", de: "Zu den Bewegungen", ar: "الذهاب إلى الحركات" },
    words: { en: "ledger history stock", de: "Hauptbuch Verlauf Lager", ar: "السجل المخزون" },
    icon: "history",
    permission: "inventory.read",
    keys: ["g", "m"],
    run: ({ go }) => go({ to: "/stock-movements" }),
  },
];
