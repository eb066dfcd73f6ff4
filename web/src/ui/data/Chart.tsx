/**
 * Charts, in a chunk of their own that is read when the first one is shown. The figures stand in a table beside it for
 * whoever can't see the drawing.
 */
import { lazy, Suspense } from "react";
import { Skeleton } from "../Skeleton";

export interface ChartSeries {
  /** Property of a point. */
  key: string;
  label: string;
  /** One of the five colours of the tokens. */
  color: 1 | 2 | 3 | 4 | 5;
}

export interface ChartProps {
  kind: "line" | "bar" | "area";
  /** What it shows, for screen readers and the table. */
  label: string;
  /** Points in order; `x` is their label, formatted already. Values may be approximate: a pixel is coarser. */
  points: ({ x: string } & Record<string, string | number>)[];
  series: ChartSeries[];
  height?: number;
  format?: (value: number) => string;
  /** Things that are counted: no fractions on the axis. */
  isWhole?: boolean;
}

const Drawing = lazy(() => import("./ChartDrawing"));

export function Chart(props: ChartProps) {
  const height = props.height ?? 240;
  const format = props.format ?? String;
  return (
    <figure aria-label={props.label}>
      <div aria-hidden="true" style={{ height }}>
        <Suspense fallback={<Skeleton className="h-full w-full rounded-lg" />}>
          <Drawing {...props} height={height} />
        </Suspense>
      </div>
      <table className="sr-only">
        <caption>{props.label}</caption>
        <thead>
          <tr>
            <td />
            {props.series.map((one) => (
              <th key={one.key} scope="col">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.points.map((point) => (
            <tr key={point.x}>
              <th scope="row">{point.x}</th>
              {props.series.map((one) => (
                <td key={one.key}>{format(Number(point[one.key] ?? 0))}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
