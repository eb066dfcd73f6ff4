/** Articles by what somebody typed or scanned: forms for stock name variants, people know products. */
import { answer, api, type Schema } from "@/api";

export type Product = Schema<"ProductOut">;
export type Variant = Schema<"VariantOut">;

/** An article as forms need it. */
export interface Article {
  variantId: string;
  productId: string;
  sku: string;
  /** Product and variant in one. */
  name: string;
  unit: string;
}

export function articleOf(product: Product, variant: Variant): Article {
  const name = variant.name ? `${product.name} · ${variant.name}` : product.name;
  return { variantId: variant.id, productId: product.id, sku: variant.sku, name, unit: product.unit };
}

/** Articles in use whose name, brand, SKU or barcode begins with the words; of all kinds, or those that are kept in stock. */
export async function findArticles(text: string, signal?: AbortSignal, kind?: "stocked"): Promise<Article[]> {
  const query = { q: text || undefined, include: "variants", status: "active,draft", kind, limit: 20 };
  const { data } = await answer(api.GET("/api/v1/products", { params: { query }, signal }));
  const all = data.flatMap((product) =>
    (product.variants ?? []).filter(({ status }) => status === "active").map((variant) => articleOf(product, variant)),
  );
  // Somebody who typed one variant's own code means that one, not its siblings.
  const exact = all.filter(({ sku }) => sku.toLowerCase() === text.toLowerCase());
  return exact.length > 0 ? exact : all.slice(0, 30);
}

/** The article with exactly this barcode or SKU, as a scanner reads it. */
export async function scanArticle(code: string, signal?: AbortSignal): Promise<Article | undefined> {
  // In a filter a comma stands between values; no barcode has one.
  if (code === "" || code.includes(",")) return undefined;
  for (const filter of [{ barcode: code }, { sku: code }]) {
    const query = { ...filter, status: "active", limit: 2 };
    const { data } = await answer(api.GET("/api/v1/variants", { params: { query }, signal }));
    const [variant, another] = data;
    if (!variant || another) continue;
    const path = { id: variant.product_id };
    const product = (await answer(api.GET("/api/v1/products/{id}", { params: { path }, signal }))).data;
    return articleOf(product, variant);
  }
  return undefined;
}
