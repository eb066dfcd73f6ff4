import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "dashboard",
    area: "workspace",
    label: { en: "Go to the start", de: "Zum Start", ar: "الذهاب إلى البداية" },
    icon: "layout-dashboard",
    keys: ["g", "s"],
    run: ({ go }) => go({ to: "/" }),
  },
];
