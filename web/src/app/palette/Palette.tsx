/** Everything by name: go somewhere, do something, find a product. Commands and searches come from the features. */
import { useDeferredValue, useEffect, useRef, useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Dialog } from "react-aria-components/Dialog";
import { Header } from "react-aria-components/Header";
import { Input } from "react-aria-components/Input";
import { Menu, MenuItem, MenuSection } from "react-aria-components/Menu";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { SearchField } from "react-aria-components/SearchField";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { Button, Icon } from "@/ui";
import { useSingleKeys } from "../shell/single-keys";
import { Keys } from "./Keys";
import { type EntrySection, useEntries } from "./useEntries";

interface Props {
  area: "workspace" | "operator";
  can: (permission: string) => boolean;
  openSheet: () => void;
  onClose: () => void;
}

export default function Palette({ area, can, openSheet, onClose }: Props) {
  const { t } = useTranslation("app");
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const { sections, isSearching, failed, retry } = useEntries({ area, can, openSheet, asked });
  const hasKeys = useSingleKeys();
  const entries = new Map(sections.flatMap((section) => section.entries.map((entry) => [entry.id, entry])));
  const [isTaken, setTaken] = useState(false);
  const menu = useRef<HTMLDivElement>(null);
  const take = (id: string) => {
    onClose();
    entries.get(id)?.run();
  };
  // Enter takes what is marked, else the first. Who types faster than the list follows gets what was typed, not what was there before.
  useEffect(() => {
    if (!isTaken || asked !== text.trim()) return;
    const marked = menu.current?.querySelector<HTMLElement>("[role=menuitem][data-focused]")?.dataset.key ?? "";
    const entry = entries.get(marked) ?? entries.values().next().value;
    if (isSearching && (!entry || entry.isFound)) return;
    if (entry) take(entry.id);
    else setTaken(false);
  });
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => open || onClose()}
      className="fixed inset-0 z-(--z-index-overlay) flex justify-center bg-backdrop p-3 pt-[12vh]"
    >
      <Modal className="h-fit w-full max-w-xl animate-in overflow-hidden rounded-2xl bg-overlay shadow-overlay duration-100 fade-in-0 zoom-in-98">
        <Dialog aria-label={t("palette.title")} className="outline-none">
          <Autocomplete
            inputValue={text}
            onInputChange={(next) => {
              setTaken(false);
              setText(next);
            }}
          >
            <SearchField
              aria-label={t("palette.title")}
              autoFocus
              className="flex items-center gap-3 border-b border-separator px-4"
            >
              <Icon
                name={isSearching ? "loader" : "search"}
                className={`size-4.5 text-muted ${isSearching ? "animate-spin" : ""}`}
              />
              <Input
                dir="auto"
                placeholder={t("palette.placeholder")}
                onKeyDownCapture={(event) => {
                  if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
                  event.preventDefault();
                  event.stopPropagation();
                  setTaken(true);
                }}
                className="h-13 w-full bg-transparent text-base outline-none [&::-webkit-search-cancel-button]:hidden"
              />
            </SearchField>
            <Menu
              ref={menu}
              aria-label={t("palette.title")}
              className="max-h-[min(26rem,60vh)] scrollbar overflow-y-auto p-2 outline-none"
              renderEmptyState={() => (
                <p className="px-3 py-6 text-center text-muted">
                  {isSearching ? t("palette.searching") : t("palette.nothing")}
                </p>
              )}
              onAction={(key) => take(String(key))}
            >
              {sections.map((section) => (
                <Group key={section.id} section={section} hasKeys={hasKeys} />
              ))}
            </Menu>
            <Told count={entries.size} isSearching={isSearching} failed={failed} onRetry={retry} />
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

function Group({ section: { id, title, entries }, hasKeys }: { section: EntrySection; hasKeys: boolean }) {
  return (
    <MenuSection id={id} aria-label={title}>
      <Header className="px-2.5 pt-2 pb-1 text-xs font-medium text-muted">{title}</Header>
      {entries.map((entry) => (
        <MenuItem
          key={entry.id}
          id={entry.id}
          textValue={entry.label}
          className="flex cursor-pointer items-center gap-3 rounded-lg px-2.5 py-2 outline-none data-focused:bg-accent-soft data-focused:text-accent-soft-foreground"
        >
          <Icon name={entry.icon} className="size-4" />
          <span className="person-text min-w-0 flex-1 truncate">{entry.label}</span>
          {entry.detail && <span className="shrink-0 text-xs text-muted">{entry.detail}</span>}
          {hasKeys && entry.keys && <Keys keys={entry.keys} />}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

interface ToldProps {
  count: number;
  isSearching: boolean;
  failed: string[];
  onRetry: () => void;
}

/** How much was found, read aloud; what could not be searched, for everybody. */
function Told({ count, isSearching, failed, onRetry }: ToldProps) {
  const { t } = useTranslation(["app", "ui"]);
  const formats = useFormats();
  return (
    <>
      <p role="status" className="sr-only">
        {!isSearching && t("palette.found", { count })}
      </p>
      {failed.length > 0 && !isSearching && (
        <div className="flex flex-wrap items-center gap-2 border-t border-separator px-4 py-2">
          <p role="alert" className="min-w-0 flex-1 text-xs text-danger">
            {t("palette.failed", { what: formats.list(failed) })}
          </p>
          <Button size="sm" variant="ghost" icon="refresh-cw" onPress={onRetry}>
            {t("ui:error.retry")}
          </Button>
        </div>
      )}
    </>
  );
}
