/**
 * Icons by name, for whoever names one in data (navigation, commands, statuses). The set is read once, on first use; its
 * place is kept until then. Pages that know their icon import it from lucide-react.
 */
import { lazy, Suspense } from "react";
import type { IconName } from "./icon-set";

const Drawn = lazy(() => import("./icon-set").then(({ DrawnIcon }) => ({ default: DrawnIcon })));

export type { IconName };

/** Decorative: the text beside it, or the label of its button, says what it means. */
export function Icon({ name, className = "size-4" }: { name: IconName; className?: string }) {
  return (
    <span aria-hidden="true" className={`inline-flex shrink-0 items-center justify-center ${className}`}>
      <Suspense fallback={null}>
        <Drawn name={name} />
      </Suspense>
    </span>
  );
}
