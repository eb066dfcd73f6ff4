/** A filter of more values than fit a list: found by typing, one or several, named also while they are not among the matches. */
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useRef, useState } from "react";
import { Autocomplete } from "react-aria-components/Autocomplete";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Input } from "react-aria-components/Input";
import { Popover } from "react-aria-components/Popover";
import { SearchField } from "react-aria-components/SearchField";
import { useTranslation } from "react-i18next";
import type { Option } from "../form/Combobox";
import { Icon } from "../icons";

interface Props {
  label: string;
  /** As in the URL: ids joined by commas. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  queryKey: readonly unknown[];
  /** The best matches, at most about 50; of no text, the first ones. */
  load: (text: string, signal: AbortSignal) => Promise<Option[]>;
  /** Name of a value that was chosen; undefined while it is not known. */
  nameOf: (id: string) => string | undefined;
  isMultiple?: boolean;
}

export function SearchFilter({ label, value, onChange, queryKey, load, nameOf, isMultiple = true }: Props) {
  const { t } = useTranslation("ui");
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const asked = useDeferredValue(text.trim());
  // Chosen here, so named here, before anything else knows the name.
  const names = useRef(new Map<string, string>());
  const found = useQuery({
    queryKey: [...queryKey, "filter", asked],
    queryFn: ({ signal }) => load(asked, signal),
    enabled: isOpen,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const chosen = (value ?? "").split(",").filter(Boolean);
  const called = (id: string) => nameOf(id) ?? names.current.get(id) ?? "…";
  const options = found.data ?? [];
  // What is chosen stays in reach while nobody types.
  const away = asked ? [] : chosen.filter((id) => !options.some((option) => option.id === id));
  const items: Option[] = [...away.map((id) => ({ id, label: called(id) })), ...options];
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <AriaButton
        className={`button button--secondary button--sm h-9 max-w-full ${chosen.length > 0 ? "!bg-accent-soft !text-accent-soft-foreground" : ""}`}
      >
        <span className="truncate">{chosen.length > 0 ? `${label}: ${chosen.map(called).join(", ")}` : label}</span>
        <Icon name="chevron-down" />
      </AriaButton>
      <Popover placement="bottom start" className="w-72 rounded-xl bg-overlay shadow-overlay">
        <Dialog aria-label={label} className="outline-none">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField
              aria-label={label}
              autoFocus
              className="flex items-center gap-2 border-b border-separator px-3"
            >
              <Icon name="search" className="size-4 text-muted" />
              <Input
                dir="auto"
                placeholder={t("form.search")}
                className="h-10 w-full bg-transparent outline-none [&::-webkit-search-cancel-button]:hidden"
              />
            </SearchField>
            <ListBox<Option>
              aria-label={label}
              items={items}
              selectionMode={isMultiple ? "multiple" : "single"}
              selectedKeys={chosen}
              escapeKeyBehavior="none"
              onSelectionChange={(keys) => {
                if (keys === "all") return;
                for (const option of items) names.current.set(option.id, option.label);
                // Those that are not in view just now stay chosen.
                const out = isMultiple ? chosen.filter((id) => !items.some((option) => option.id === id)) : [];
                onChange([...out, ...[...keys].map(String)].join(",") || undefined);
              }}
              className="max-h-72 scrollbar overflow-auto p-1.5"
              renderEmptyState={() => (
                <p className="px-3 py-2 text-muted">
                  {found.isError
                    ? t("form.search_failed")
                    : found.isFetching
                      ? t("form.searching")
                      : t("empty.no_match")}
                </p>
              )}
            >
              {(option: Option) => (
                <ListBox.Item id={option.id} textValue={option.label}>
                  <span className="min-w-0 flex-1">
                    <Label className="person-text block truncate font-normal">{option.label}</Label>
                    {option.detail && <span className="block truncate text-xs text-muted">{option.detail}</span>}
                  </span>
                  <ListBox.ItemIndicator />
                </ListBox.Item>
              )}
            </ListBox>
          </Autocomplete>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
