/** A product that has everything a product may have, and others beside it. */
import type { Samples } from "../routes";
import { as, makeLocation, makeProduct, receive } from "../stock";

export const samples: Samples = async (founder) => {
  const { id: drinks } = await as(founder)<{ id: string }>("POST", "/categories", { name: "Drinks" });
  const { id: coffee } = await as(founder)<{ id: string }>("POST", "/categories", {
    name: "Coffee",
    parent_id: drinks,
  });
  const shop = await makeLocation(founder, "SHOP", "Shop in the old town", { kind: "store" });
  await makeLocation(founder, "SHOP-A", "Shelves by the door", { type: "area", kind: undefined, parent_id: shop.id });
  const product = await makeProduct(founder, "Espresso beans “Harbour blend”", "BEAN-250", {
    description: "Dark roast of four regions.\nGround on request.",
    category_id: coffee,
    brand: "Harbour Roasters",
    tags: ["organic", "best-seller"],
    variants: [
      {
        sku: "BEAN-250",
        name: "250 g",
        price: { amount: "6.90", currency: "EUR" },
        barcodes: [{ barcode: "4006381333931", kind: "ean13" }],
      },
      {
        sku: "BEAN-1KG",
        name: "1 kg",
        price: { amount: "23.50", currency: "EUR" },
        cost: { amount: "11.20", currency: "EUR" },
        attributes: { roast: "dark" },
      },
    ],
  });
  await makeProduct(founder, "Filter papers", "FILTER-4", { brand: "Melitta", category_id: drinks });
  await makeProduct(founder, "قهوة عربية بالهيل", "QAHWA-500", { unit: "kg", status: "draft" });
  await receive(founder, "BEAN-250", "120");
  await receive(founder, "BEAN-1KG", "37");
  await receive(founder, "BEAN-1KG", "4", "SHOP");
  await as(founder)("POST", "/inventory/transfer", {
    lines: [{ sku: "BEAN-250", quantity: "20", from_location: "MAIN", to_location: "SHOP" }],
  });
  await as(founder)("POST", "/inventory/adjust", {
    reason: "damage",
    note: "A torn bag",
    lines: [{ sku: "BEAN-250", location: "SHOP", delta: "-1" }],
  });
  return Object.fromEntries(
    ["", "/edit", "/movements", "/changes"].map((part) => [`/products/$id${part}`, `/products/${product.id}${part}`]),
  );
};
