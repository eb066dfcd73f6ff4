/** Which column of a file feeds which field: guessed from names in the languages people use, changed by the person. */
import type { Schema } from "@/api";
import type { ImportKind } from "./kinds";

export const FIELDS = {
  products: [
    "sku",
    "name",
    "variant_name",
    "description",
    "category",
    "brand",
    "tags",
    "price",
    "currency",
    "cost",
    "cost_currency",
    "barcode",
    "unit",
    "kind",
    "status",
    "attributes",
    "weight_g",
    "length_mm",
    "width_mm",
    "height_mm",
    "variant_status",
    "product_id",
    "metadata",
  ],
  "stock-movements": [
    "sku",
    "quantity",
    "location",
    "to_location",
    "reason",
    "occurred_at",
    "reference",
    "reference_type",
    "unit",
    "note",
  ],
} as const satisfies Record<ImportKind, readonly string[]>;

export type ImportField = (typeof FIELDS)[ImportKind][number];

/** Without these nothing can be read; a name is needed only for products that are new. */
export const REQUIRED: Record<ImportKind, readonly ImportField[]> = {
  products: ["sku"],
  "stock-movements": ["sku", "quantity", "location"],
};

/** Names that columns have, written small and without signs. The first field that knows a name gets the column. */
const NAMES: Record<ImportField, string[]> = {
  sku: [
    "sku",
    "stockcode",
    "itemcode",
    "itemno",
    "itemnumber",
    "articleno",
    "articlenumber",
    "article",
    "productcode",
    "partnumber",
    "code",
    "artikelnummer",
    "artikelnr",
    "artnr",
    "artikel",
    "sachnummer",
    "رمزالصنف",
    "رقمالصنف",
    "رمزالمنتج",
    "الرمز",
  ],
  quantity: [
    "quantity",
    "qty",
    "amount",
    "delta",
    "count",
    "menge",
    "anzahl",
    "stuckzahl",
    "bestand",
    "الكميه",
    "كميه",
    "العدد",
  ],
  location: [
    "location",
    "warehouse",
    "store",
    "site",
    "bin",
    "fromlocation",
    "from",
    "lagerort",
    "lager",
    "standort",
    "lagerplatz",
    "filiale",
    "vonlager",
    "الموقع",
    "المستودع",
    "المخزن",
  ],
  to_location: [
    "tolocation",
    "to",
    "destination",
    "target",
    "nachlager",
    "ziel",
    "ziellager",
    "ziellagerort",
    "الىموقع",
    "الوجهه",
  ],
  reason: [
    "reason",
    "type",
    "movementtype",
    "transactiontype",
    "grund",
    "bewegungsart",
    "buchungsart",
    "السبب",
    "نوعالحركه",
  ],
  occurred_at: [
    "occurredat",
    "date",
    "datetime",
    "time",
    "timestamp",
    "invoicedate",
    "transactiondate",
    "bookingdate",
    "datum",
    "buchungsdatum",
    "belegdatum",
    "zeitpunkt",
    "التاريخ",
    "الوقت",
  ],
  reference: [
    "reference",
    "ref",
    "invoiceno",
    "invoice",
    "invoicenumber",
    "document",
    "documentno",
    "orderno",
    "ordernumber",
    "belegnummer",
    "belegnr",
    "beleg",
    "rechnungsnummer",
    "lieferschein",
    "المرجع",
    "رقمالفاتوره",
    "الفاتوره",
  ],
  reference_type: ["referencetype", "documenttype", "belegart", "نوعالمرجع", "نوعالمستند"],
  note: [
    "note",
    "notes",
    "comment",
    "comments",
    "remark",
    "memo",
    "notiz",
    "bemerkung",
    "kommentar",
    "ملاحظه",
    "ملاحظات",
    "تعليق",
  ],
  unit: ["unit", "uom", "unitofmeasure", "einheit", "mengeneinheit", "me", "الوحده", "وحدهالقياس"],
  name: [
    "name",
    "title",
    "productname",
    "product",
    "itemname",
    "itemdescription",
    "articlename",
    "bezeichnung",
    "produktname",
    "produkt",
    "artikelbezeichnung",
    "artikelname",
    "الاسم",
    "اسمالمنتج",
    "المنتج",
    "الصنف",
  ],
  variant_name: ["variantname", "variant", "option", "variante", "variantenname", "الصيغه", "المتغير"],
  description: ["description", "details", "longdescription", "beschreibung", "langtext", "الوصف", "التفاصيل"],
  category: [
    "category",
    "categories",
    "group",
    "productgroup",
    "department",
    "kategorie",
    "warengruppe",
    "gruppe",
    "الفئه",
    "التصنيف",
    "القسم",
  ],
  brand: [
    "brand",
    "manufacturer",
    "vendor",
    "make",
    "marke",
    "hersteller",
    "العلامه",
    "العلامهالتجاريه",
    "الشركهالمصنعه",
  ],
  tags: ["tags", "tag", "labels", "keywords", "schlagworter", "stichworter", "الوسوم", "وسوم"],
  price: [
    "price",
    "unitprice",
    "sellingprice",
    "salesprice",
    "retailprice",
    "preis",
    "verkaufspreis",
    "vkpreis",
    "vk",
    "السعر",
    "سعرالبيع",
  ],
  currency: ["currency", "pricecurrency", "wahrung", "العمله"],
  cost: [
    "cost",
    "unitcost",
    "purchaseprice",
    "costprice",
    "einkaufspreis",
    "ekpreis",
    "ek",
    "kosten",
    "التكلفه",
    "سعرالشراء",
  ],
  cost_currency: ["costcurrency", "einkaufswahrung", "عملهالتكلفه"],
  barcode: ["barcode", "barcodes", "ean", "gtin", "upc", "ean13", "strichcode", "الباركود", "باركود"],
  kind: ["kind", "producttype", "itemtype", "art", "produktart", "artikelart", "النوع"],
  status: ["status", "state", "zustand", "الحاله"],
  attributes: ["attributes", "properties", "options", "eigenschaften", "attribute", "merkmale", "الخصائص", "السمات"],
  weight_g: ["weightg", "weight", "weightgrams", "gewicht", "gewichtg", "الوزن"],
  length_mm: ["lengthmm", "length", "lange", "langemm", "الطول"],
  width_mm: ["widthmm", "width", "breite", "breitemm", "العرض"],
  height_mm: ["heightmm", "height", "hohe", "hohemm", "الارتفاع"],
  variant_status: ["variantstatus", "variantenstatus", "حالهالصيغه"],
  product_id: ["productid", "produktid", "معرفالمنتج"],
  metadata: ["metadata", "metadaten", "بياناتاضافيه"],
};

/** A name without case, accents, spaces and signs. Arabic letters that are often written for each other are one. */
export function plainName(name: string): string {
  return name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[أإآٱ]/g, "ا")
    .replaceAll("ة", "ه")
    .replaceAll("ى", "ي")
    .replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** Field → column; a field without one is absent. */
export type Columns = Partial<Record<ImportField, string>>;

export function guessed(kind: ImportKind, header: string[]): Columns {
  const columns: Columns = {};
  const free = new Map(header.filter((name) => name.trim() !== "").map((name) => [plainName(name), name]));
  // The field's own name goes before every other: an exported file is read as it is.
  for (const names of [(field: ImportField) => [plainName(field)], (field: ImportField) => NAMES[field].map(plainName)])
    for (const field of FIELDS[kind]) {
      if (columns[field] !== undefined) continue;
      const known = names(field).find((name) => free.has(name));
      if (known === undefined) continue;
      columns[field] = free.get(known);
      free.delete(known);
    }
  return columns;
}

/**
 * The columns of a file that is read in another way: what the person chose stays where its column is still there, also that a
 * column feeds nothing; columns that were not there before are guessed.
 */
export function kept(kind: ImportKind, columns: Columns, before: string[], header: string[]): Columns {
  const there = new Set(header);
  const known = new Set(before);
  const stay = Object.entries(columns).filter(([, name]) => there.has(name));
  const isFree = ([field, name]: [string, string]) => !known.has(name) && !stay.some(([one]) => one === field);
  return Object.fromEntries([...stay, ...Object.entries(guessed(kind, header)).filter(isFree)]);
}

/** Required fields that have neither a column nor a constant. */
export function missing(kind: ImportKind, columns: Columns, defaults: Columns): ImportField[] {
  return REQUIRED[kind].filter((field) => !columns[field] && !defaults[field]?.trim());
}

/** The field that a column feeds. */
export function fieldOf(column: string, columns: Columns): ImportField | undefined {
  return (Object.keys(columns) as ImportField[]).find((field) => columns[field] === column);
}

/** The columns once this one feeds another field, or none: a field has one column, and a column one field. */
export function fed(columns: Columns, column: string, field: ImportField | undefined): Columns {
  const others = Object.entries(columns).filter(([one, name]) => name !== column && one !== field);
  return { ...Object.fromEntries(others), ...(field ? { [field]: column } : {}) };
}

/** Ways in which dates are written, beside ISO 8601, as the API has them. */
export const DATE_FORMATS = [
  "%d.%m.%Y",
  "%d.%m.%Y %H:%M",
  "%d.%m.%Y %H:%M:%S",
  "%m/%d/%Y",
  "%m/%d/%Y %H:%M",
  "%d/%m/%Y",
  "%d/%m/%Y %H:%M",
] as const;

/** The first form that fits all examples. A day above twelve tells days from months; without one, months go first. */
export function guessedDateFormat(examples: string[]): string | undefined {
  const given = examples.map((one) => one.trim()).filter(Boolean);
  if (given.length === 0 || given.every((one) => /^\d{4}-\d{2}-\d{2}/.test(one))) return undefined;
  return DATE_FORMATS.find((format) => given.every((one) => fits(one, format)));
}

function fits(text: string, format: string): boolean {
  const parts: Record<string, string> = {
    "%d": "(?:0?[1-9]|[12]\\d|3[01])",
    "%m": "(?:0?[1-9]|1[0-2])",
    "%Y": "\\d{4}",
    "%H": "\\d{1,2}",
    "%M": "\\d{2}",
    "%S": "\\d{2}",
  };
  const pattern = format.replaceAll(".", "\\.").replaceAll(/%[dmYHMS]/g, (part) => parts[part] ?? part);
  return new RegExp(`^${pattern}$`).test(text);
}

export interface ImportOptions {
  columns: Columns;
  defaults: Columns;
  delimiter: string;
  dateFormat?: string;
  sign?: Schema<"Sign">;
  skuCase?: Schema<"SkuCase">;
  createCategories?: boolean;
}

/** The mapping as the API wants it; only what is not its own default. */
export function mappingOf(kind: ImportKind, options: ImportOptions): Partial<Schema<"Mapping">> {
  const { columns, defaults, delimiter, dateFormat, sign, skuCase, createCategories } = options;
  const constants = Object.entries(defaults).filter(
    ([field, value]) => value?.trim() && !columns[field as ImportField],
  );
  return {
    columns: columns as Record<string, string>,
    ...(constants.length > 0 ? { defaults: Object.fromEntries(constants) as Record<string, string> } : {}),
    ...(delimiter === "," ? {} : { delimiter }),
    ...(skuCase ? { sku_case: skuCase } : {}),
    ...(kind === "stock-movements" && sign && sign !== "delta" ? { sign } : {}),
    ...(kind === "stock-movements" && dateFormat ? { date_format: dateFormat } : {}),
    ...(kind === "products" && createCategories !== undefined ? { create_categories: createCategories } : {}),
  };
}
