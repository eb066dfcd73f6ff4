/** What can be imported, as addresses name it, and what it takes. */
export const IMPORT_KINDS = ["products", "stock-movements"] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

export const PERMISSIONS: Record<ImportKind, string> = {
  products: "products.import",
  "stock-movements": "inventory.import",
};

export function isImportKind(kind: string): kind is ImportKind {
  return (IMPORT_KINDS as readonly string[]).includes(kind);
}
