import type { Command, PaletteSearch } from "@/app/registry";
import { findArticles } from "./variants";

export const commands: Command[] = [
  {
    id: "products",
    area: "workspace",
    label: { en: "Go to the products", de: "Zu den Produkten", ar: "الذهاب إلى المنتجات" },
    words: { en: "catalogue items articles", de: "Katalog Artikel", ar: "الكتالوج الأصناف" },
    icon: "package",
    permission: "products.read",
    keys: ["g", "p"],
    run: ({ go }) => go({ to: "/products" }),
  },
  {
    id: "products.new",
    area: "workspace",
    label: { en: "New product", de: "Neues Produkt", ar: "منتج جديد" },
    words: { en: "create add item", de: "anlegen hinzufügen Artikel", ar: "إنشاء إضافة صنف" },
    icon: "plus",
    permission: "products.write",
    keys: ["n", "p"],
    run: ({ go }) => go({ to: "/products/new" }),
  },
];

export const search: PaletteSearch[] = [
  {
    id: "products",
    area: "workspace",
    label: { en: "Products", de: "Produkte", ar: "المنتجات" },
    permission: "products.read",
    find: async (text, signal) =>
      (await findArticles(text, signal)).slice(0, 8).map(({ variantId, productId, name, sku }) => ({
        id: variantId,
        label: name,
        detail: sku,
        icon: "package",
        link: { to: "/products/$id", params: { id: productId } },
      })),
  },
];
