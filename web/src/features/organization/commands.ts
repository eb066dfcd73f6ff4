import type { Command } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "organization",
    area: "workspace",
    label: { en: "Go to the settings", de: "Zu den Einstellungen", ar: "الذهاب إلى الإعدادات" },
    words: {
      en: "organization name currency time zone language plan usage",
      de: "Organisation Name Währung Zeitzone Sprache Tarif Nutzung",
      ar: "المؤسسة الاسم العملة المنطقة الزمنية اللغة الخطة",
    },
    icon: "building-2",
    permission: "settings.read",
    keys: ["g", "o"],
    run: ({ go }) => go({ to: "/organization" }),
  },
];
