import type { Command, PaletteSearch } from "@/app/registry";
import { findStockLocations } from "./find";

export const commands: Command[] = [
  {
    id: "locations",
    area: "workspace",
    label: { en: "Go to the locations", de: "Zu den Lagerorten", ar: "الذهاب إلى المواقع" },
    words: { en: "warehouses sites bins", de: "Lager Standorte Fächer", ar: "المستودعات المنشآت الخانات" },
    icon: "warehouse",
    permission: "locations.read",
    keys: ["g", "l"],
    run: ({ go }) => go({ to: "/locations" }),
  },
];

export const search: PaletteSearch[] = [
  {
    id: "locations",
    area: "workspace",
    label: { en: "Locations", de: "Lagerorte", ar: "المواقع" },
    permission: "locations.read",
    find: async (text, signal) =>
      (await findStockLocations(text, signal)).slice(0, 5).map(({ id, label, detail }) => ({
        id,
        label,
        detail,
        icon: "map-pin",
        link: { to: "/inventory", search: { location_id: id } as never },
      })),
  },
];
