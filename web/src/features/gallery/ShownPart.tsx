/** Blocks that only show something. */
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api";
import {
  Badge,
  Button,
  Chart,
  DiffTable,
  EmptyState,
  ErrorPanel,
  NoMatch,
  SkeletonText,
  Stat,
  StatusBadge,
  Tag,
  Timeline,
  type Tone,
} from "@/ui";

const TONES: Tone[] = ["neutral", "accent", "success", "warning", "danger", "info"];
const STATES = ["active", "pending", "running", "failed", "archived"];
export const sampleProblem = new ApiProblem(
  "INSUFFICIENT_STOCK",
  "Only 3 are available.",
  409,
  "0199a3c0-7b1e-7c55-9f10-3a5d2f0c4e11",
  undefined,
  undefined,
);

export function MarksPart() {
  const { t } = useTranslation("gallery");
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap gap-2">
        {TONES.map((tone) => (
          <Badge key={tone} tone={tone}>
            {tone}
          </Badge>
        ))}
      </div>
      <div className="flex flex-wrap gap-2">
        {STATES.map((state) => (
          <StatusBadge key={state} status={state} />
        ))}
      </div>
      <div className="flex flex-wrap gap-2">
        <Tag>summer</Tag>
        <Tag removeLabel={t("danger")} onRemove={() => undefined}>
          القهوة
        </Tag>
      </div>
    </div>
  );
}

export function StatesPart() {
  const { t } = useTranslation("gallery");
  return (
    <div className="grid gap-4">
      <EmptyState icon="package-open" title={t("nothing_yet")} actions={<Button variant="primary">{t("add")}</Button>}>
        {t("nothing_hint")}
      </EmptyState>
      <NoMatch onClear={() => undefined} />
      <ErrorPanel error={sampleProblem} onRetry={() => undefined} />
      <SkeletonText />
    </div>
  );
}

export function FiguresPart() {
  const { t } = useTranslation("gallery");
  const points = Array.from({ length: 14 }, (_, day) => ({
    x: `${day + 1}.`,
    in: Math.round(40 + 25 * Math.sin(day / 2)),
    out: Math.round(30 + 18 * Math.cos(day / 3)),
  }));
  return (
    <div className="grid gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <Stat icon="boxes" label={t("on_hand")} value="12,480" hint={t("received")} />
        <Stat icon="triangle-alert" tone="warning" label={t("low")} value={undefined} />
      </div>
      <Chart
        kind="area"
        label={t("movements")}
        points={points}
        series={[
          { key: "in", label: t("received"), color: 1 },
          { key: "out", label: t("shipped"), color: 2 },
        ]}
      />
    </div>
  );
}

export function TimelinePart() {
  const { t } = useTranslation("gallery");
  return (
    <Timeline
      label={t("movements")}
      entries={[
        {
          id: "1",
          icon: "package-plus",
          tone: "success",
          title: t("received"),
          by: "Ada Lovelace",
          at: new Date(Date.now() - 180_000).toISOString(),
          aside: <span className="tabular">+120</span>,
        },
        {
          id: "2",
          icon: "arrow-left-right",
          tone: "info",
          title: t("moved"),
          by: "Grace Hopper",
          at: new Date(Date.now() - 7_200_000).toISOString(),
        },
        {
          id: "3",
          icon: "package-minus",
          title: t("shipped"),
          by: "nxk_…x7Qa",
          at: "2026-01-15T09:30:00Z",
          aside: <span className="tabular">−14</span>,
        },
      ]}
    />
  );
}

export function DifferencePart() {
  const { t } = useTranslation("gallery");
  return (
    <DiffTable
      label={t("difference")}
      columns={[t("before"), t("yours"), t("now")]}
      rows={[
        { field: t("name"), values: ["Espresso beans", "Espresso beans 1 kg", "Espresso, dark"], differs: true },
        { field: t("on_hand"), values: ["12", "12", "12"] },
      ]}
    />
  );
}
