/** The shape of rows that are being read for the first time. */
import { Skeleton } from "../Skeleton";

export function SkeletonRows({ columns, height, isNarrow }: { columns: number; height: number; isNarrow: boolean }) {
  const cells = isNarrow ? 1 : columns;
  return (
    <div aria-hidden="true">
      {Array.from({ length: 12 }, (_, row) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
          key={row}
          className="grid items-center border-b border-separator"
          style={{ height, gridTemplateColumns: "var(--grid-columns)" }}
        >
          {Array.from({ length: cells }, (_, cell) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
            <span key={cell} className="px-3">
              <Skeleton className={`h-3.5 ${["w-3/4", "w-1/2", "w-2/3"][(row + cell) % 3]}`} />
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}
