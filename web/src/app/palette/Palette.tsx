/** Everything by name: go somewhere, do something, find a product. Commands come from the features. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Dialog } from "react-aria-components/Dialog";
import { Header } from "react-aria-components/Header";
import { Input } from "react-aria-components/Input";
import { Menu, MenuItem, MenuSection } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { SearchField } from "react-aria-components/SearchField";
import { useTranslation } from "react-i18next";
import { changeLanguage, LANGUAGES, language } from "@/i18n";
import { Icon, type IconName } from "@/ui";
import { type Command, navItems, readCommands } from "../registry";
import { changeTheme } from "../theme";

interface Props {
  area: "workspace" | "operator";
  can: (permission: string) => boolean;
  onClose: () => void;
}

interface Entry {
  id: string;
  label: string;
  detail?: string;
  words?: string;
  icon: IconName;
  keys?: string[];
  run: () => void;
}

export default function Palette({ area, can, onClose }: Props) {
  const { t } = useTranslation("app");
  const router = useRouter();
  const lang = language();
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const registry = useQuery({ queryKey: ["palette"], queryFn: readCommands, staleTime: Number.POSITIVE_INFINITY }).data;
  const allowed = <T extends { area: string; permission?: string }>(one: T) =>
    (one.area === area || one.area === "any") && (!one.permission || can(one.permission));

  const searches = (registry?.searches ?? []).filter(allowed);
  const found = useQuery({
    queryKey: ["palette", "search", area, asked],
    enabled: asked.length >= 2 && searches.length > 0,
    queryFn: async ({ signal }) => {
      const all = await Promise.all(searches.map((search) => search.find(asked, signal).catch(() => [])));
      return searches.map((search, index) => ({ search, hits: all[index] ?? [] }));
    },
    placeholderData: (before) => before,
  });

  const go = (link: unknown) => void router.navigate(link as never);
  const pages: Entry[] = navItems.filter(allowed).map((item) => ({
    id: `page:${item.to}`,
    label: item.label[lang],
    icon: item.icon,
    run: () => go({ to: item.to }),
  }));
  const commands: Entry[] = (registry?.commands ?? []).filter(allowed).map((command: Command) => ({
    id: `command:${command.id}`,
    label: command.label[lang],
    words: command.words?.[lang],
    icon: command.icon,
    keys: command.keys,
    run: () => command.run({ go }),
  }));
  const preferences: Entry[] = [
    ...(["system", "light", "dark"] as const).map((theme) => ({
      id: `theme:${theme}`,
      label: `${t("account.theme")}: ${t(`account.theme_${theme}`)}`,
      icon: "palette" as const,
      run: () => changeTheme(theme),
    })),
    ...LANGUAGES.map(({ code, name }) => ({
      id: `language:${code}`,
      label: `${t("account.language")}: ${name}`,
      icon: "languages" as const,
      run: () => void changeLanguage(code),
    })),
  ];
  const matches = (entry: Entry) => fits(`${entry.label} ${entry.words ?? ""}`, asked);
  const sections = [
    ...(asked.length >= 2 ? (found.data ?? []) : []).map(({ search, hits }) => ({
      id: search.id,
      title: search.label[lang],
      entries: hits.map((hit): Entry => ({ ...hit, id: `${search.id}:${hit.id}`, run: () => go(hit.link) })),
    })),
    { id: "commands", title: t("palette.commands"), entries: commands.filter(matches) },
    { id: "pages", title: t("palette.pages"), entries: pages.filter(matches) },
    { id: "preferences", title: t("palette.preferences"), entries: asked ? preferences.filter(matches) : [] },
  ].filter((section) => section.entries.length > 0);
  const entries = new Map(sections.flatMap((section) => section.entries.map((entry) => [entry.id, entry])));

  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => open || onClose()}
      className="fixed inset-0 z-(--z-index-overlay) flex justify-center bg-backdrop p-3 pt-[12vh]"
    >
      <Modal className="h-fit w-full max-w-xl animate-in overflow-hidden rounded-2xl bg-overlay shadow-overlay duration-100 fade-in-0 zoom-in-98">
        <Dialog aria-label={t("palette.title")} className="outline-none">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField
              aria-label={t("palette.title")}
              autoFocus
              className="flex items-center gap-3 border-b border-separator px-4"
            >
              <Icon name="search" className="size-4.5 text-muted" />
              <Input
                dir="auto"
                placeholder={t("palette.placeholder")}
                className="h-13 w-full bg-transparent text-base outline-none [&::-webkit-search-cancel-button]:hidden"
              />
            </SearchField>
            <Menu
              aria-label={t("palette.title")}
              className="max-h-[min(26rem,60vh)] scrollbar overflow-y-auto p-2 outline-none"
              renderEmptyState={() => <p className="px-3 py-6 text-center text-muted">{t("palette.nothing")}</p>}
              onAction={(key) => {
                onClose();
                entries.get(String(key))?.run();
              }}
            >
              {sections.map((section) => (
                <MenuSection key={section.id} id={section.id} aria-label={section.title}>
                  <Header className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">{section.title}</Header>
                  {section.entries.map((entry) => (
                    <MenuItem
                      key={entry.id}
                      id={entry.id}
                      textValue={entry.label}
                      className="flex cursor-pointer items-center gap-3 rounded-lg px-2.5 py-2 outline-none data-focused:bg-accent-soft data-focused:text-accent-soft-foreground"
                    >
                      <Icon name={entry.icon} className="size-4" />
                      <span className="person-text min-w-0 flex-1 truncate">{entry.label}</span>
                      {entry.detail && <span className="code-text text-xs text-muted">{entry.detail}</span>}
                      {entry.keys && <Keys keys={entry.keys} />}
                    </MenuItem>
                  ))}
                </MenuSection>
              ))}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

export function Keys({ keys }: { keys: string[] }) {
  return (
    <span className="flex gap-1" dir="ltr">
      {keys.map((key) => (
        <kbd
          key={key}
          className="min-w-5 rounded border border-border bg-surface-secondary px-1 text-center font-sans text-xs text-foreground"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}

/** Every word typed begins a word of the text, in any order. */
function fits(text: string, asked: string): boolean {
  const plain = (value: string) => value.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const words = plain(text).split(/[\s:/]+/);
  return plain(asked)
    .split(/\s+/)
    .every((part) => words.some((word) => word.startsWith(part)));
}
