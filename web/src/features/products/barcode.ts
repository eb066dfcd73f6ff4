/** What kind of code a barcode is, by its length and check digit (GS1). */
import type { Schema } from "@/api";

export type Barcode = Schema<"Barcode">;

const BY_LENGTH: Record<number, Barcode["kind"]> = { 8: "ean8", 12: "upca", 13: "ean13", 14: "gtin14" };

export function barcodeOf(code: string): Barcode {
  const barcode = code.trim();
  return { barcode, kind: kindOf(barcode) };
}

function kindOf(code: string): Barcode["kind"] {
  const kind = BY_LENGTH[code.length];
  if (kind && /^\d+$/.test(code) && hasCheckDigit(code)) return kind;
  // Code 128 holds every printable character of ASCII.
  return /^[\x20-\x7e]+$/.test(code) ? "code128" : "other";
}

/** Weights 3 and 1 from the right, the check digit itself aside. */
function hasCheckDigit(code: string): boolean {
  const digits = [...code].map(Number).reverse();
  const sum = digits.slice(1).reduce((total, digit, index) => total + digit * (index % 2 === 0 ? 3 : 1), 0);
  return (10 - (sum % 10)) % 10 === digits[0];
}
