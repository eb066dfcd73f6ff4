/**
 * Exact decimals as the API writes them (`"12.500000"`), reckoned with whole numbers of any length. Never a float.
 */
const FORM = /^(-?)(\d+)(?:\.(\d*))?$/;
/** Digits that are kept after the point; more than any value of the contract has. */
const SCALE = 10;

function units(value: string): bigint {
  const match = FORM.exec(value.trim());
  if (!match) throw new RangeError(`no decimal: ${value}`);
  const [, sign, whole = "0", fraction = ""] = match;
  if (fraction.length > SCALE) throw new RangeError(`too many decimals: ${value}`);
  const all = BigInt(whole + fraction.padEnd(SCALE, "0"));
  return sign ? -all : all;
}

function text(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(SCALE + 1, "0");
  const fraction = digits.slice(-SCALE).replace(/0+$/, "");
  const whole = digits.slice(0, -SCALE);
  return `${value < 0n ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

export const decimal = {
  is: (value: string): boolean => FORM.test(value.trim()),
  add: (a: string, b: string): string => text(units(a) + units(b)),
  subtract: (a: string, b: string): string => text(units(a) - units(b)),
  negate: (a: string): string => text(-units(a)),
  sum: (all: Iterable<string>): string => {
    let total = 0n;
    for (const one of all) total += units(one);
    return text(total);
  },
  /** Negative, zero or positive. */
  compare: (a: string, b: string): number => {
    const [x, y] = [units(a), units(b)];
    return x < y ? -1 : x > y ? 1 : 0;
  },
  sign: (a: string): number => decimal.compare(a, "0"),
  /** Without needless zeros: `12.500000` → `12.5`. */
  trim: (a: string): string => text(units(a)),
  /** For drawing only (bars, charts), where a pixel is coarser than the error. */
  approximate: (a: string): number => Number(a),
};
