/** What a product costs, in short. */
import { useFormats } from "@/i18n";
import { priceRanges } from "./prices";
import type { Variant } from "./variants";

export function Price({ variants }: { variants: Variant[] }) {
  const formats = useFormats();
  const ranges = priceRanges(variants);
  if (ranges.length === 0) return <span className="text-muted">–</span>;
  const texts = ranges.map(({ currency, lowest, highest }) => {
    const [from, to] = [lowest, highest].map((amount) => formats.money({ amount, currency }));
    return from === to ? from : `${from} – ${to}`;
  });
  return <span className="tabular">{texts.join(", ")}</span>;
}
