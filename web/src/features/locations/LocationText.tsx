/** A place in one line: name, code, what it is. */
import { useTranslation } from "react-i18next";
import { Badge, Icon, type IconName, SampleBadge, StatusBadge } from "@/ui";
import type { Location } from "./find";

const ICONS: Record<string, IconName> = {
  warehouse: "warehouse",
  store: "store",
  restaurant: "store",
  third_party: "truck",
  area: "layers",
  aisle: "layers",
  bin: "package",
};

export function LocationText({ location }: { location: Location }) {
  const { t } = useTranslation("locations");
  const { type, kind } = location;
  return (
    <span className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
      <Icon name={ICONS[kind ?? type] ?? "map-pin"} className="size-4 text-muted" />
      <span className="person-text font-medium">{location.name}</span>
      <span className="code-text text-xs text-muted">{location.code}</span>
      <span className="text-xs text-muted">
        {kind ? t(`kinds.${kind}`, { defaultValue: kind }) : t(`types.${type as "area"}`, { defaultValue: type })}
      </span>
      {!location.is_stock && <Badge>{t("no_stock")}</Badge>}
      <SampleBadge of={location} />
      {location.status !== "active" && <StatusBadge status={location.status} />}
    </span>
  );
}
