/** Every key there is, opened by ?. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { language } from "@/i18n";
import { Dialog } from "@/ui";
import { readCommands } from "../registry";
import { isApple } from "../shell/Shell";
import { Keys } from "./Palette";

interface Props {
  area: "workspace" | "operator";
  can: (permission: string) => boolean;
  onClose: () => void;
}

export default function ShortcutSheet({ area, can, onClose }: Props) {
  const { t } = useTranslation("app");
  const lang = language();
  const registry = useQuery({ queryKey: ["palette"], queryFn: readCommands, staleTime: Number.POSITIVE_INFINITY }).data;
  const own = (registry?.commands ?? []).filter(
    (one) => one.keys && (one.area === area || one.area === "any") && (!one.permission || can(one.permission)),
  );
  const sections = [
    {
      id: "everywhere",
      title: t("shortcuts.everywhere"),
      rows: [
        { keys: isApple() ? ["⌘", "K"] : ["Ctrl", "K"], text: t("shortcuts.palette") },
        { keys: ["?"], text: t("shortcuts.sheet") },
        { keys: ["/"], text: t("shortcuts.search") },
        { keys: ["Esc"], text: t("shortcuts.close") },
        { keys: ["F6"], text: t("shortcuts.regions") },
      ],
    },
    {
      id: "own",
      title: t("shortcuts.pages"),
      rows: own.map((one) => ({ keys: one.keys ?? [], text: one.label[lang] })),
    },
    {
      id: "grids",
      title: t("shortcuts.grids"),
      rows: [
        { keys: ["↑", "↓", "←", "→"], text: t("shortcuts.walk") },
        { keys: ["Enter"], text: t("shortcuts.open") },
        { keys: [t("shortcuts.space")], text: t("shortcuts.select") },
        { keys: ["Ctrl", "End"], text: t("shortcuts.end") },
        { keys: ["Shift", "→"], text: t("shortcuts.width") },
      ],
    },
  ].filter((section) => section.rows.length > 0);
  return (
    <Dialog isOpen onClose={onClose} title={t("shortcuts.title")} size="lg">
      <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
        {sections.map((section) => (
          <section key={section.id}>
            <h3 className="mb-1 text-xs font-medium text-muted">{section.title}</h3>
            <dl>
              {section.rows.map((row) => (
                <div
                  key={row.text}
                  className="flex items-center justify-between gap-4 border-b border-separator py-2 last:border-0"
                >
                  <dt>{row.text}</dt>
                  <dd>
                    <Keys keys={row.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
