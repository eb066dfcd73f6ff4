/** Numbers, money, quantities and times for people, by `Intl`, in the language in use. Decimals stay strings throughout. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatTag, isLanguage } from "./languages";

export interface Money {
  amount: string;
  currency: string;
}

export interface Formats {
  /** Tag for `Intl` and React Aria. */
  tag: string;
  number: (value: number) => string;
  /** An exact decimal without needless zeros: `1,234.5`. */
  decimal: (value: string) => string;
  /** With a sign in front, for changes: `+3`, `−2.5`. */
  delta: (value: string) => string;
  /** A quantity with its unit: `12.5 kg`. */
  quantity: (value: string, unit?: string) => string;
  money: (money: Money) => string;
  /** An amount without its currency's sign, with at least its digits: `23.50`. */
  amount: (money: Money) => string;
  percent: (fraction: number) => string;
  /** A percentage with its sign: `+12 %`. */
  change: (fraction: number) => string;
  date: (at: string | Date) => string;
  /** A calendar day (`2026-11-22`) without its year, whatever the time zone: `Nov 22`. */
  day: (date: string) => string;
  dateTime: (at: string | Date) => string;
  time: (at: string | Date) => string;
  /** "3 minutes ago", and a date beyond a week. */
  ago: (at: string | Date, now?: Date) => string;
  /** What something took, in milliseconds: "412 ms", "1.3 sec", "4.2 min". */
  elapsed: (milliseconds: number) => string;
  /** Seconds as "13 seconds" or "4 minutes", rounded up. */
  duration: (seconds: number) => string;
  bytes: (count: number) => string;
  list: (items: string[]) => string;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];

/** Below so many milliseconds, so many of them are one of this unit. */
const ELAPSED: [below: number, size: number, unit: string][] = [
  [1_000, 1, "millisecond"],
  [90_000, 1_000, "second"],
  [5_400_000, 60_000, "minute"],
];

export function formatsOf(tag: string): Formats {
  const numbers = new Intl.NumberFormat(tag);
  const decimals = new Intl.NumberFormat(tag, { maximumFractionDigits: 6 });
  const deltas = new Intl.NumberFormat(tag, { maximumFractionDigits: 6, signDisplay: "exceptZero" });
  const percents = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
  const changes = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
  const dates = new Intl.DateTimeFormat(tag, { dateStyle: "medium" });
  const days = new Intl.DateTimeFormat(tag, { month: "short", day: "numeric", timeZone: "UTC" });
  const dateTimes = new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" });
  const times = new Intl.DateTimeFormat(tag, { timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(tag, { numeric: "auto", style: "long" });
  const lists = new Intl.ListFormat(tag, { type: "conjunction" });
  const currencies = new Map<string, Intl.NumberFormat>();
  const currencyFormat = (currency: string) => {
    let format = currencies.get(currency);
    if (!format) {
      format = new Intl.NumberFormat(tag, { style: "currency", currency });
      currencies.set(currency, format);
    }
    return format;
  };

  // Intl formats decimal strings exactly; only its type is narrower than any string.
  const exact = (format: Intl.NumberFormat, value: string) => format.format(value as Intl.StringNumericLiteral);
  return {
    tag,
    number: (value) => numbers.format(value),
    decimal: (value) => exact(decimals, value),
    delta: (value) => exact(deltas, value),
    quantity: (value, unit) => (unit && unit !== "each" ? `${exact(decimals, value)} ${unit}` : exact(decimals, value)),
    money: ({ amount, currency }) => exact(currencyFormat(currency), amount),
    amount: ({ amount, currency }) => {
      const digits = currencyFormat(currency).resolvedOptions().minimumFractionDigits;
      return exact(new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: 6 }), amount);
    },
    percent: (fraction) => percents.format(fraction),
    change: (fraction) => changes.format(fraction),
    date: (at) => dates.format(new Date(at)),
    day: (date) => days.format(new Date(date)),
    dateTime: (at) => dateTimes.format(new Date(at)),
    time: (at) => times.format(new Date(at)),
    ago: (at, now = new Date()) => {
      const then = new Date(at);
      let value = (then.getTime() - now.getTime()) / 1000;
      for (const [unit, size] of STEPS) {
        if (Math.abs(Math.round(value)) < size) return relative.format(Math.round(value), unit);
        value /= size;
      }
      return dates.format(then);
    },
    elapsed: (milliseconds) => {
      const [, size, unit] = ELAPSED.find(([below]) => milliseconds < below) ?? [0, 3_600_000, "hour"];
      const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 } as const;
      return new Intl.NumberFormat(tag, style).format(milliseconds / size);
    },
    duration: (seconds) => {
      const [value, unit] =
        seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
      return new Intl.NumberFormat(tag, { style: "unit", unit: String(unit), unitDisplay: "long" }).format(
        Math.ceil(Number(value)),
      );
    },
    bytes: (count) => {
      const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
      const step = Math.min(Math.floor(Math.log10(Math.max(count, 1)) / 3), units.length - 1);
      const style = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: 1 } as const;
      return new Intl.NumberFormat(tag, style).format(count / 1000 ** step);
    },
    list: (items) => lists.format(items),
  };
}

const kept = new Map<string, Formats>();

export function useFormats(): Formats {
  const { i18n } = useTranslation("ui");
  const language = isLanguage(i18n.language) ? i18n.language : "en";
  return useMemo(() => {
    const tag = formatTag(language);
    const known = kept.get(tag) ?? formatsOf(tag);
    kept.set(tag, known);
    return known;
  }, [language]);
}
