/** The order of a grid where its header is not in sight: by which column, and which way. The same state as the header's. */
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { Icon } from "../icons";
import { Segments } from "../Segments";
import { type GridColumn, orderOf } from "./columns";

interface Props<T> {
  columns: GridColumn<T>[];
  sort: string | undefined;
  onSort: (sort: string) => void;
}

export function SortMenu<T>({ columns, sort, onSort }: Props<T>) {
  const { t } = useTranslation("ui");
  const sortable = columns.filter((column) => column.sort !== undefined);
  if (sortable.length === 0) return null;
  const { key, isDescending } = orderOf(sort);
  const chosen = sortable.find((column) => column.sort === key);
  const order = (by: string, descending: boolean) => onSort(descending ? `-${by}` : by);
  return (
    <DialogTrigger>
      <AriaButton aria-label={t("grid.sort")} className="button button--secondary button--sm button--icon-only h-9 w-9">
        <Icon name="arrow-up-down" />
      </AriaButton>
      <Popover
        placement="bottom end"
        className="max-h-96 min-w-56 scrollbar overflow-auto rounded-xl bg-overlay p-1.5 shadow-overlay"
      >
        <Dialog aria-label={t("grid.sort")} className="grid gap-1.5 outline-none">
          <ListBox
            aria-label={t("grid.sort_by")}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={chosen ? [chosen.id] : []}
            escapeKeyBehavior="none"
            onSelectionChange={(keys) => {
              const column = sortable.find(({ id }) => keys !== "all" && keys.has(id));
              if (column?.sort) order(column.sort, isDescending);
            }}
          >
            {sortable.map((column) => (
              <ListBox.Item key={column.id} id={column.id} textValue={column.header}>
                <Label className="flex-1 font-normal">{column.header}</Label>
                <ListBox.ItemIndicator />
              </ListBox.Item>
            ))}
          </ListBox>
          <div className="px-2 pb-1">
            <Segments
              label={t("grid.sort_direction")}
              value={isDescending ? "descending" : "ascending"}
              choices={[
                { id: "ascending", label: t("grid.ascending") },
                { id: "descending", label: t("grid.descending") },
              ]}
              onChange={(direction) => order(key || (sortable[0]?.sort ?? ""), direction === "descending")}
            />
          </div>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
