import { describe, expect, it } from "vitest";
import { FIELDS, fed, fieldOf, guessed, guessedDateFormat, kept, mappingOf, missing } from "./mapping";

describe("the columns of a file", () => {
  it("are found in a file of invoices", () => {
    const header = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "Country"];
    const columns = guessed("stock-movements", header);
    expect(columns).toEqual({
      sku: "StockCode",
      quantity: "Quantity",
      occurred_at: "InvoiceDate",
      reference: "InvoiceNo",
    });
    expect(missing("stock-movements", columns, {})).toEqual(["location"]);
    expect(missing("stock-movements", columns, { location: "MAIN" })).toEqual([]);
  });

  it("are found in German and in Arabic", () => {
    expect(guessed("products", ["Artikel-Nr.", "Bezeichnung", "Warengruppe", "VK-Preis", "EAN"])).toEqual({
      sku: "Artikel-Nr.",
      name: "Bezeichnung",
      category: "Warengruppe",
      price: "VK-Preis",
      barcode: "EAN",
    });
    expect(guessed("products", ["رمز الصنف", "اسم المنتج", "الفئة", "السعر"])).toEqual({
      sku: "رمز الصنف",
      name: "اسم المنتج",
      category: "الفئة",
      price: "السعر",
    });
  });

  it("of an exported file are their own fields", () => {
    const header = [...FIELDS.products];
    expect(guessed("products", header)).toEqual(Object.fromEntries(header.map((field) => [field, field])));
  });

  it("are given to other fields by hand, one each", () => {
    const columns = { sku: "Code", name: "Text" };
    expect(fed(columns, "Text", "sku")).toEqual({ sku: "Text" });
    expect(fed(columns, "Text", undefined)).toEqual({ sku: "Code" });
    expect(fieldOf("Text", columns)).toBe("name");
    expect(fieldOf("Other", columns)).toBeUndefined();
  });

  it("stay as they were corrected when the file is read in another way", () => {
    const before = ["Code", "Text", "Gr\u00c3\u00b6\u00c3\u009fe", "Marke"];
    const corrected = { sku: "Text", name: "Code", description: "Gr\u00c3\u00b6\u00c3\u009fe" };
    expect(kept("products", corrected, before, ["Code", "Text", "Beschreibung", "Marke"])).toEqual({
      sku: "Text",
      name: "Code",
      description: "Beschreibung",
    });
    expect(kept("products", {}, ["Code;Text"], ["Code", "Name"])).toEqual({ sku: "Code", name: "Name" });
  });

  it("feed one field each", () => {
    expect(guessed("products", ["Code", "SKU", "Name"])).toEqual({ sku: "SKU", name: "Name" });
  });
});

describe("dates", () => {
  it.each([
    [["2026-03-31T08:00:00Z", "2026-04-01"], undefined],
    [["31.03.2026", "1.4.2026"], "%d.%m.%Y"],
    [["12/1/2010 8:26", "12/13/2010 10:00"], "%m/%d/%Y %H:%M"],
    [["12/1/2010", "13/1/2010"], "%d/%m/%Y"],
    [["yesterday"], undefined],
    [[], undefined],
  ])("%j are written as %s", (examples, format) => {
    expect(guessedDateFormat(examples)).toBe(format);
  });
});

it("a mapping says only what is not the default", () => {
  const options = { columns: { sku: "Code" }, defaults: { location: "MAIN", sku: "x", note: " " }, delimiter: "," };
  expect(mappingOf("stock-movements", options)).toEqual({ columns: { sku: "Code" }, defaults: { location: "MAIN" } });
  expect(
    mappingOf("products", { ...options, defaults: {}, delimiter: ";", sign: "sale", createCategories: false }),
  ).toEqual({ columns: { sku: "Code" }, delimiter: ";", create_categories: false });
});
