/** An entry of the log in words: what was done, by whom, to what. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import type { IconName, Tone } from "@/ui";

export type Entry = Schema<"PlatformAuditLogOut">;

export function useAuditWords() {
  const { t } = useTranslation("platform-audit-logs");
  return {
    actionName: (action: string) => t(`actions.${action as "tenants.create"}`, { defaultValue: action }),
    entityName: (type: string) => t(`entities.${type as "tenant"}`, { defaultValue: type.replaceAll("_", " ") }),
    actorName: ({ operator_name, actor_kind }: Entry) =>
      operator_name ?? t(`actors.${actor_kind as "user"}`, { defaultValue: actor_kind }),
  };
}

/** What an action looks like in a timeline, by what it does. */
export function lookOf(action: string): { icon: IconName; tone: Tone } {
  const [entity = "", verb = ""] = action.split(".");
  if (/retry|undelete|enable/.test(verb)) return { icon: "rotate-ccw", tone: "info" };
  if (/fail/.test(verb)) return { icon: "circle-x", tone: "danger" };
  if (/delete|erase|disable|remove/.test(verb)) return { icon: "trash-2", tone: "danger" };
  if (/create|activate|start|register/.test(verb)) return { icon: "plus", tone: "success" };
  if (entity === "sessions" || verb === "login") return { icon: "log-in", tone: "neutral" };
  if (entity === "signing_keys" || entity === "secrets") return { icon: "key-round", tone: "neutral" };
  return { icon: "pencil", tone: "neutral" };
}
