/** The few figures that say most, each a way to what it counts. */
import { Link, type LinkProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { type IconName, Stat } from "@/ui";

interface Figure {
  id: "tenants" | "active" | "running" | "scheduled";
  icon: IconName;
  value: number | undefined;
  link: LinkProps;
}

export function Figures({ overview }: { overview: Schema<"OverviewOut"> | undefined }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const tenants = overview?.tenants;
  const held = tenants && Object.entries(tenants).reduce((sum, [state, n]) => (state === "deleted" ? sum : sum + n), 0);
  const figures: Figure[] = [
    { id: "tenants", icon: "building-2", value: held, link: { to: "/operator/tenants" } },
    {
      id: "active",
      icon: "circle-check",
      value: tenants && (tenants.active ?? 0),
      link: { to: "/operator/tenants", search: { state: "active" } },
    },
    {
      id: "running",
      icon: "activity",
      value: overview?.operations.running,
      link: { to: "/operator/operations", search: { state: "pending,running" } },
    },
    {
      id: "scheduled",
      icon: "clock",
      value: overview?.operations.scheduled,
      link: { to: "/operator/operations", search: { kind: "delete", state: "pending" } },
    },
  ];
  return (
    <ul className="grid grid-cols-1 gap-3 min-[26rem]:grid-cols-2 xl:grid-cols-4">
      {figures.map(({ id, icon, value, link }) => (
        <li key={id}>
          <Link {...link} className="block h-full rounded-xl hover:*:border-accent">
            <Stat
              icon={icon}
              label={t(`figures.${id}`)}
              value={value === undefined ? undefined : formats.number(value)}
            />
          </Link>
        </li>
      ))}
    </ul>
  );
}
