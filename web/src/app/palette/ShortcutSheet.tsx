/** Every key there is, opened by ? or from the palette; and whether single keys do anything. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { language } from "@/i18n";
import { Dialog, Switch } from "@/ui";
import { isAllowed } from "../registry";
import { isApple } from "../shell/Shell";
import { turnSingleKeys, useSingleKeys } from "../shell/single-keys";
import { Keys } from "./Keys";
import { registryQuery } from "./useEntries";

interface Props {
  area: "workspace" | "operator";
  can: (permission: string) => boolean;
  onClose: () => void;
}

interface Section {
  id: string;
  title: string;
  note?: string;
  rows: { keys: string[]; text: string; together?: boolean; isSingle?: boolean }[];
}

export default function ShortcutSheet({ area, can, onClose }: Props) {
  const { t } = useTranslation("app");
  const lang = language();
  const hasSingle = useSingleKeys();
  const palette = [isApple() ? "⌘" : "Ctrl", "K"];
  const registry = useQuery(registryQuery).data;
  const own = (registry?.commands ?? []).filter((one) => one.keys && isAllowed(one, area, can));
  const sections: Section[] = [
    {
      id: "everywhere",
      title: t("shortcuts.everywhere"),
      rows: [
        { keys: palette, text: t("shortcuts.palette"), together: true },
        { keys: ["?"], text: t("shortcuts.sheet"), isSingle: true },
        { keys: ["/"], text: t("shortcuts.search"), isSingle: true },
        { keys: ["Esc"], text: t("shortcuts.close") },
        { keys: ["F6"], text: t("shortcuts.regions") },
      ],
    },
    {
      id: "grids",
      title: t("shortcuts.grids"),
      rows: [
        { keys: ["↑", "↓", "←", "→"], text: t("shortcuts.walk") },
        { keys: ["PgUp", "PgDn"], text: t("shortcuts.pages_of_rows") },
        { keys: ["Home", "End"], text: t("shortcuts.row_ends") },
        { keys: ["Ctrl", "Home"], text: t("shortcuts.first"), together: true },
        { keys: ["Ctrl", "End"], text: t("shortcuts.end"), together: true },
        { keys: ["Enter"], text: t("shortcuts.open") },
        { keys: [t("shortcuts.space")], text: t("shortcuts.select") },
        { keys: ["Shift", "← →"], text: t("shortcuts.width"), together: true },
      ],
    },
    {
      id: "own",
      title: t("shortcuts.pages"),
      note: t("shortcuts.sequence"),
      rows: own.map((one) => ({ keys: one.keys ?? [], text: one.label[lang], isSingle: true })),
    },
  ];
  const shown = sections
    .map((section) => ({ ...section, rows: section.rows.filter((row) => hasSingle || !row.isSingle) }))
    .filter((section) => section.rows.length > 0);
  return (
    <Dialog isOpen onClose={onClose} title={t("shortcuts.title")} size="lg">
      <div className="mb-5 rounded-xl border border-border bg-surface-secondary px-4 py-3">
        <Switch label={t("shortcuts.single")} isOn={hasSingle} onChange={turnSingleKeys} />
        <p className="mt-1 text-xs text-pretty text-muted">
          {t("shortcuts.single_text", { keys: palette.join(isApple() ? "" : " ") })}
        </p>
      </div>
      <div className="gap-x-8 sm:columns-2">
        {shown.map((section) => (
          <section key={section.id} className="mb-5 break-inside-avoid">
            <h3 className="mb-1 text-xs font-medium text-muted">
              {section.title}
              {section.note && <span className="font-normal"> · {section.note}</span>}
            </h3>
            <dl>
              {section.rows.map((row) => (
                <div
                  key={row.text}
                  className="flex items-center justify-between gap-4 border-b border-separator py-2 last:border-0"
                >
                  <dt>{row.text}</dt>
                  <dd>
                    <Keys keys={row.keys} together={row.together} />
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
