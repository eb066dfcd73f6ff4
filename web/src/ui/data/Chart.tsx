/**
 * Charts, in a chunk of their own that is read when the first one is shown. The figures stand in a table beside it for
 * whoever can't see the drawing; `asTable` shows that table instead.
 */
import { lazy, Suspense } from "react";
import { Skeleton } from "../Skeleton";

export interface ChartSeries {
  /** Property of a point. */
  key: string;
  label: string;
  /** One of the colours of the tokens; the sixth is for what is left over. */
  color: 1 | 2 | 3 | 4 | 5 | 6;
}

export interface ChartProps {
  kind: "line" | "bar" | "area";
  /** What it shows, for screen readers and the table. */
  label: string;
  /** Points in order; `x` is their label, formatted already. Values may be approximate: a pixel is coarser. */
  points: ({ x: string } & Record<string, string | number>)[];
  series: ChartSeries[];
  height?: number;
  /** Bars of one point stand on one another. */
  isStacked?: boolean;
  format?: (value: number) => string;
  /** Things that are counted: no fractions on the axis. */
  isWhole?: boolean;
  asTable?: boolean;
}

const Drawing = lazy(() => import("./ChartDrawing"));

export function Chart({ asTable = false, ...props }: ChartProps) {
  const height = props.height ?? 240;
  if (asTable)
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be reachable by keyboard
      <section aria-label={props.label} tabIndex={0} className="scrollbar overflow-auto" style={{ maxHeight: height }}>
        <Figures {...props} />
      </section>
    );
  return (
    <figure aria-label={props.label}>
      <div aria-hidden="true">
        {props.series.length > 1 && <Legend series={props.series} />}
        {/* SVG sets its texts from the direction around it; where axes and labels stand is the drawing's own affair. */}
        <div dir="ltr" style={{ height }}>
          <Suspense fallback={<Skeleton className="h-full w-full rounded-lg" />}>
            <Drawing {...props} height={height} />
          </Suspense>
        </div>
      </div>
      {/* Around the table: a table itself is never narrower than its cells. */}
      <div className="sr-only">
        <Figures {...props} />
      </div>
    </figure>
  );
}

function Legend({ series }: { series: ChartSeries[] }) {
  return (
    <ul className="mb-2 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
      {series.map(({ key, label, color }) => (
        <li key={key} className="flex items-center gap-1.5">
          <span className="size-2.5 rounded-xs" style={{ background: `var(--chart-${color})` }} />
          {label}
        </li>
      ))}
    </ul>
  );
}

function Figures({ label, points, series, format = String }: ChartProps) {
  return (
    <table className="w-full border-collapse">
      <caption className="sr-only">{label}</caption>
      <thead>
        <tr className="text-xs text-muted">
          <td />
          {series.map((one) => (
            <th key={one.key} scope="col" className="sticky top-0 bg-surface px-2 py-1.5 text-end font-medium">
              {one.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {points.map((point) => (
          <tr key={point.x} className="border-t border-separator">
            <th scope="row" className="px-2 py-1.5 text-start font-normal">
              {point.x}
            </th>
            {series.map((one) => (
              <td key={one.key} className="px-2 py-1.5 text-end tabular">
                {format(Number(point[one.key] ?? 0))}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
