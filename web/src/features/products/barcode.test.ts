import { describe, expect, it } from "vitest";
import { barcodeOf } from "./barcode";

describe("the kind of a barcode", () => {
  it.each([
    ["4006381333931", "ean13"],
    ["4006381333932", "code128"],
    ["036000291452", "upca"],
    ["96385074", "ean8"],
    ["10012345678902", "gtin14"],
    ["BOX-12", "code128"],
    ["قهوة", "other"],
  ])("%s is %s", (code, kind) => {
    expect(barcodeOf(code).kind).toBe(kind);
  });

  it("leaves out what a scanner puts around it", () => {
    expect(barcodeOf(" 96385074\n").barcode).toBe("96385074");
  });
});
