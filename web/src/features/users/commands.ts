import { answer, api } from "@/api";
import type { Command, PaletteSearch } from "@/app/registry";
import { INVITE } from "./permissions";

export const commands: Command[] = [
  {
    id: "users",
    area: "workspace",
    label: { en: "Go to the members", de: "Zu den Mitgliedern", ar: "الذهاب إلى الأعضاء" },
    words: { en: "people users team", de: "Personen Benutzer Team", ar: "الأشخاص المستخدمون الفريق" },
    icon: "users",
    permission: "users.read",
    keys: ["g", "u"],
    run: ({ go }) => go({ to: "/users" }),
  },
  {
    id: "invite",
    area: "workspace",
    label: { en: "Invite somebody", de: "Jemanden einladen", ar: "دعوة شخص" },
    words: { en: "member user person", de: "Mitglied Person", ar: "عضو مستخدم" },
    icon: "user-plus",
    permission: INVITE,
    run: ({ go }) => go({ to: "/users", hash: "invite" }),
  },
];

export const search: PaletteSearch[] = [
  {
    id: "users",
    area: "workspace",
    label: { en: "Members", de: "Mitglieder", ar: "الأعضاء" },
    permission: "users.read",
    find: async (q, signal) => {
      const { data } = await answer(api.GET("/api/v1/users", { params: { query: { q, limit: 5 } }, signal }));
      return data.map(({ id, display_name, email }) => ({
        id,
        label: display_name,
        detail: email,
        icon: "user",
        link: { to: "/users/$userId", params: { userId: id } },
      }));
    },
  },
];
