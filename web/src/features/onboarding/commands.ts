import type { Command } from "@/app/registry";
import { toast } from "@/ui/toast";
import { onboardingQuery, putAway } from "./queries";

export const commands: Command[] = [
  {
    id: "onboarding",
    area: "workspace",
    label: { en: "Show the first steps", de: "Erste Schritte anzeigen", ar: "عرض الخطوات الأولى" },
    words: { en: "onboarding checklist setup begin", de: "Einrichtung Checkliste Anfang", ar: "إعداد قائمة بداية" },
    icon: "list-checks",
    permission: "settings.write",
    run: async ({ go, queries }) => {
      try {
        await putAway(false);
        await queries.invalidateQueries({ queryKey: onboardingQuery.queryKey });
        go({ to: "/" });
      } catch (problem) {
        toast.problem(problem);
      }
    },
  },
];
