/** The drawing itself, by Recharts; see Chart.tsx. Colours are tokens, so it follows the theme. */
import {
  Area,
  AreaChart,
  Bar,
  BarChart,
  CartesianGrid,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import type { ChartProps } from "./Chart";

const CHARTS = { line: LineChart, bar: BarChart, area: AreaChart };

export default function ChartDrawing({
  kind,
  points,
  series,
  height,
  isStacked = false,
  format = String,
  isWhole = false,
}: ChartProps & { height: number }) {
  const Frame = CHARTS[kind];
  const rightToLeft = document.documentElement.dir === "rtl";
  const axis = { stroke: "var(--border)", tick: { fill: "var(--muted)", fontSize: 12 }, tickLine: false } as const;
  return (
    <ResponsiveContainer width="100%" height={height}>
      <Frame accessibilityLayer={false} data={points} margin={{ top: 8, right: 8, bottom: 0, left: 8 }}>
        <CartesianGrid stroke="var(--separator)" vertical={false} />
        <XAxis
          dataKey="x"
          reversed={rightToLeft}
          minTickGap={24}
          tickFormatter={(text: string) => (rightToLeft ? `\u2067${text}\u2069` : text)}
          {...axis}
        />
        <YAxis
          orientation={rightToLeft ? "right" : "left"}
          width="auto"
          axisLine={false}
          allowDecimals={!isWhole}
          tickFormatter={(value: number) => format(value)}
          {...axis}
        />
        <Tooltip
          formatter={(value) => format(Number(value))}
          cursor={{ fill: "var(--surface-secondary)", stroke: "var(--border)" }}
          contentStyle={{
            background: "var(--overlay)",
            border: "1px solid var(--border)",
            borderRadius: 8,
            direction: rightToLeft ? "rtl" : "ltr",
            color: "var(--foreground)",
          }}
        />
        {series.map((one) => {
          const color = `var(--chart-${one.color})`;
          const shared = { key: one.key, dataKey: one.key, name: one.label, isAnimationActive: false };
          if (kind === "bar")
            return (
              <Bar
                {...shared}
                key={one.key}
                fill={color}
                radius={isStacked ? 0 : [4, 4, 0, 0]}
                stackId={isStacked ? "all" : undefined}
                maxBarSize={28}
              />
            );
          if (kind === "area")
            return (
              <Area
                {...shared}
                key={one.key}
                type="monotone"
                stroke={color}
                fill={color}
                fillOpacity={0.14}
                strokeWidth={2}
              />
            );
          return <Line {...shared} key={one.key} type="monotone" stroke={color} dot={false} strokeWidth={2} />;
        })}
      </Frame>
    </ResponsiveContainer>
  );
}
