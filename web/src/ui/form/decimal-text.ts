/** What people type as a number ↔ the exact decimal of the contract. */

const ARABIC = /[\u0660-\u0669\u06f0-\u06f9]/g;

function separators(tag: string) {
  const parts = new Intl.NumberFormat(tag).formatToParts(12345.6);
  const of = (type: string) => parts.find((part) => part.type === type)?.value;
  return { group: of("group") ?? ",", decimal: of("decimal") ?? "." };
}

/**
 * `1.234,5` in German, `1,234.5` in English, Arabic digits in any language → `1234.5`. A point and a comma are both taken
 * as the decimal sign where they can mean nothing else. Undefined where it is no number.
 */
export function parseDecimal(typed: string, tag: string): string | undefined {
  const { group, decimal } = separators(tag);
  let text = typed
    .replace(ARABIC, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replaceAll("\u066b", decimal)
    .replaceAll("\u066c", group)
    .replaceAll(/[\s\u00a0\u202f\u200e\u200f\u061c']/g, "")
    .replaceAll(/[\u2212\u2013]/g, "-")
    .replace(/^\+/, "");
  const other = decimal === "," ? "." : ",";
  // "1.5" in German and "1,5" in English can't be groups of three: it is what was meant.
  if (
    !text.includes(decimal) &&
    new RegExp(`^-?\\d*\\${other}\\d{1,2}$|^-?0\\${other}\\d+$|^-?\\d*\\${other}\\d{4,}$`).test(text)
  )
    text = text.replace(other, ".");
  else text = text.replaceAll(group === "\u00a0" || group === "\u202f" ? other : group, "").replace(decimal, ".");
  const match = /^(-?)0*(\d*)(?:\.(\d*))?$/.exec(text);
  if (!match || text === "" || text === "-" || text === ".") return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  const rest = fraction.replace(/0+$/, "");
  const value = `${whole || "0"}${rest ? `.${rest}` : ""}`;
  return value === "0" ? "0" : sign + value;
}
