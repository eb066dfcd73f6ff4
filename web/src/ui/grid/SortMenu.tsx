/** The order of a grid where its header is not in sight: by which column, and which way. The same state as the header's. */
import { ListBox } from "@heroui/react/list-box";
import { useTranslation } from "react-i18next";
import { Segments } from "../Segments";
import { type GridColumn, orderOf } from "./columns";
import { columnItem, GridMenu } from "./GridMenu";

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
    <GridMenu label={t("grid.sort")} icon="arrow-up-down">
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
        {sortable.map(columnItem)}
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
    </GridMenu>
  );
}
