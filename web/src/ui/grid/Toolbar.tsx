/** Above a grid: search, filters, which columns, or on a narrow screen the order; and what can be done with the rows selected. */
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { Button } from "../Button";
import { IconButton } from "../IconButton";
import { Icon } from "../icons";
import { useMedia } from "../useMedia";
import { type GridColumn, NARROW_SCREEN, useColumnChoice } from "./columns";
import { columnItem, GridMenu } from "./GridMenu";
import { SortMenu } from "./SortMenu";
import type { ListState } from "./useList";

interface Props<T> {
  /** As the grid's. */
  id: string;
  /** The grid's, where it has a look for narrow screens. */
  columns?: GridColumn<T>[];
  state: ListState;
  onState: (change: ListState) => void;
  /** As the grid's. */
  defaultSort?: string;
  searchLabel?: string;
  /** Filters. */
  children?: ReactNode;
  /** At the end: export, import. */
  actions?: ReactNode;
}

export function GridToolbar<T>({ id, columns, state, onState, defaultSort, searchLabel, children, actions }: Props<T>) {
  const isNarrow = useMedia(NARROW_SCREEN);
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      {searchLabel && <SearchField label={searchLabel} value={state.q ?? ""} onChange={(q) => onState({ q })} />}
      {children}
      <span className="flex-1" />
      {actions}
      {columns &&
        (isNarrow ? (
          <SortMenu columns={columns} sort={state.sort ?? defaultSort} onSort={(sort) => onState({ sort })} />
        ) : (
          <ColumnMenu id={id} columns={columns} />
        ))}
    </div>
  );
}

/** Text that is searched shortly after typing pauses. */
export function SearchField({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation("ui");
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const input = useRef<HTMLInputElement>(null);
  // Somebody else changed it: the back button, "clear".
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      onChange(typed);
    }, 180);
    return () => clearTimeout(timer);
  }, [typed, onChange]);
  const clear = () => {
    setTyped("");
    input.current?.focus();
  };
  return (
    <search className="relative w-full sm:w-72">
      <Icon name="search" className="pointer-events-none absolute inset-y-0 start-3 my-auto size-4 text-muted" />
      <input
        ref={input}
        type="search"
        dir="auto"
        aria-label={label}
        placeholder={label}
        value={typed}
        data-shortcut="/"
        onChange={(event) => setTyped(event.target.value)}
        className="input h-9 ps-9 [&::-webkit-search-cancel-button]:hidden"
      />
      {typed && (
        <span className="absolute inset-y-0 end-1 flex items-center">
          <IconButton icon="x" label={t("grid.clear_search")} onPress={clear} />
        </span>
      )}
    </search>
  );
}

/** One filter of a list: none, one or several of its values. */
export function FilterMenu({
  label,
  choices,
  value,
  onChange,
  isMultiple = true,
}: {
  label: string;
  choices: { id: string; label: string }[];
  /** As in the URL: values joined by commas. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  isMultiple?: boolean;
}) {
  const chosen = new Set((value ?? "").split(",").filter(Boolean));
  const named = choices.filter((choice) => chosen.has(choice.id)).map((choice) => choice.label);
  return (
    <DialogTrigger>
      <AriaButton
        className={`button button--secondary button--sm h-9 max-w-full ${chosen.size > 0 ? "!bg-accent-soft !text-accent-soft-foreground" : ""}`}
      >
        <span className="truncate">{named.length > 0 ? `${label}: ${named.join(", ")}` : label}</span>
        <Icon name="chevron-down" />
      </AriaButton>
      <Popover
        placement="bottom start"
        className="max-h-80 min-w-52 scrollbar overflow-auto rounded-xl bg-overlay p-1.5 shadow-overlay"
      >
        <Dialog aria-label={label} className="outline-none">
          <ListBox
            aria-label={label}
            selectionMode={isMultiple ? "multiple" : "single"}
            selectedKeys={chosen}
            // Escape closes; it takes no choice back.
            escapeKeyBehavior="none"
            onSelectionChange={(keys) => onChange(keys === "all" ? undefined : [...keys].join(",") || undefined)}
          >
            {choices.map((choice) => (
              <ListBox.Item key={choice.id} id={choice.id} textValue={choice.label}>
                <Label className="flex-1 font-normal">{choice.label}</Label>
                <ListBox.ItemIndicator />
              </ListBox.Item>
            ))}
          </ListBox>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

function ColumnMenu<T>({ id, columns }: { id: string; columns: GridColumn<T>[] }) {
  const { t } = useTranslation("ui");
  const [choice, choose] = useColumnChoice(id);
  const free = columns.filter((column) => !column.isFixed);
  const shown = free.filter((column) => choice.shown[column.id] ?? !column.isHidden).map((column) => column.id);
  return (
    <GridMenu label={t("grid.columns")} icon="sliders-horizontal">
      <ListBox
        aria-label={t("grid.columns")}
        selectionMode="multiple"
        selectedKeys={shown}
        escapeKeyBehavior="none"
        onSelectionChange={(keys) =>
          choose({
            shown: Object.fromEntries(free.map((column) => [column.id, keys === "all" || keys.has(column.id)])),
          })
        }
      >
        {free.map(columnItem)}
      </ListBox>
      <Button size="sm" variant="ghost" fullWidth onPress={() => choose({ widths: {}, shown: {} })}>
        {t("grid.reset_columns")}
      </Button>
    </GridMenu>
  );
}

/** What can be done with the rows selected; in the place of the toolbar while there are any. */
export function SelectionBar({
  count,
  onClear,
  children,
}: {
  count: number;
  onClear: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation("ui");
  return (
    <section
      aria-label={t("grid.selection")}
      className="mb-3 flex min-h-9 flex-wrap items-center gap-2 rounded-lg bg-accent-soft px-3 py-1 text-accent-soft-foreground"
    >
      <p aria-live="polite" className="font-medium">
        {t("grid.selected", { count })}
      </p>
      <Button size="sm" variant="ghost" onPress={onClear}>
        {t("grid.clear_selection")}
      </Button>
      <span className="flex-1" />
      {children}
    </section>
  );
}
