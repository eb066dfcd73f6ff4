import { answer, api } from "@/api";
import type { Command, PaletteSearch } from "@/app/registry";

export const commands: Command[] = [
  {
    id: "tenants",
    area: "operator",
    label: { en: "Go to the tenants", de: "Zu den Mandanten", ar: "الذهاب إلى المستأجرين" },
    words: { en: "organizations", de: "Organisationen", ar: "المؤسسات" },
    icon: "building-2",
    permission: "platform.tenants.read",
    keys: ["g", "t"],
    run: ({ go }) => go({ to: "/operator/tenants" }),
  },
  {
    id: "tenants-new",
    area: "operator",
    label: { en: "New tenant", de: "Neuer Mandant", ar: "مستأجر جديد" },
    words: { en: "create organization", de: "Organisation anlegen", ar: "إنشاء مؤسسة" },
    icon: "plus",
    permission: "platform.tenants.create",
    keys: ["c", "t"],
    run: ({ go }) => go({ to: "/operator/tenants/new" }),
  },
  {
    id: "tenants-broken",
    area: "operator",
    label: { en: "Show broken tenants", de: "Defekte Mandanten anzeigen", ar: "عرض المستأجرين المعطوبين" },
    icon: "triangle-alert",
    permission: "platform.tenants.read",
    run: ({ go }) => go({ to: "/operator/tenants", search: { state: "broken" } }),
  },
];

export const search: PaletteSearch[] = [
  {
    id: "tenants",
    area: "operator",
    label: { en: "Tenants", de: "Mandanten", ar: "المستأجرون" },
    permission: "platform.tenants.read",
    find: async (q, signal) => {
      const { data } = await answer(
        api.GET("/api/v1/tenants", { params: { query: { q, limit: 6, sort: "name" } }, signal }),
      );
      return data.map(({ id, name, slug }) => ({
        id,
        label: name,
        detail: slug,
        icon: "building-2" as const,
        link: { to: "/operator/tenants/$id", params: { id } },
      }));
    },
  },
];
