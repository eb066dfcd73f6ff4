/** What is known of a thing, name by name. What is not known is left out. */
import type { ReactNode } from "react";

export interface Fact {
  label: string;
  value: ReactNode;
  /** Below its name, with the whole width: ids. */
  isLong?: boolean;
}

export function Facts({ facts }: { facts: (Fact | false | undefined)[] }) {
  return (
    <dl className="grid gap-x-4 gap-y-2.5 sm:grid-cols-[minmax(7rem,auto)_1fr]">
      {facts.map(
        (fact) =>
          fact && (
            <div
              key={fact.label}
              className={`grid gap-x-4 gap-y-0.5 sm:col-span-2 ${fact.isLong ? "" : "sm:grid-cols-subgrid"}`}
            >
              <dt className="text-muted">{fact.label}</dt>
              <dd className="min-w-0 break-words">{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
