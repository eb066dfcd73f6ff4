/** What a role says of a permission, by sign and by word. */
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "@/ui";
import type { Effect } from "./matrix";

const LOOKS: Record<"allow" | "deny" | "none", { icon: IconName; look: string }> = {
  allow: { icon: "check", look: "bg-success-soft text-success-soft-foreground" },
  deny: { icon: "ban", look: "bg-danger-soft text-danger-soft-foreground" },
  none: { icon: "minus", look: "text-muted" },
};

export function EffectMark({ effect, withWord = false }: { effect: Effect; withWord?: boolean }) {
  const { t } = useTranslation("roles");
  const { icon, look } = LOOKS[effect ?? "none"];
  return (
    <span className="inline-flex items-center gap-1.5">
      <span className={`inline-flex size-6 items-center justify-center rounded-full ${look}`}>
        <Icon name={icon} className="size-3.5" />
      </span>
      <span className={withWord ? "text-xs text-muted" : "sr-only"}>{t(`effects.${effect ?? "none"}`)}</span>
    </span>
  );
}
