import type { Command } from "@/app/registry";
import { NEW_KEY } from "./permissions";

export const commands: Command[] = [
  {
    id: "api-keys",
    area: "workspace",
    label: { en: "Go to the API keys", de: "Zu den API-Schlüsseln", ar: "الذهاب إلى مفاتيح API" },
    words: { en: "tokens programs integrations", de: "Token Programme Anbindung", ar: "الرموز البرامج التكامل" },
    icon: "key-round",
    permission: "api_keys.read",
    keys: ["g", "k"],
    run: ({ go }) => go({ to: "/api-keys" }),
  },
  {
    id: "api-key-new",
    area: "workspace",
    label: { en: "New API key", de: "Neuer API-Schlüssel", ar: "مفتاح API جديد" },
    icon: "plus",
    permission: NEW_KEY,
    run: ({ go }) => go({ to: "/api-keys", hash: "new" }),
  },
];
