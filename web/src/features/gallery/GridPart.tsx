/** A grid over rows made here, with the ways of a list of the API. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import {
  DataGrid,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  type List,
  type ListState,
  Moment,
  PeriodFilter,
  SelectionBar,
  StatusBadge,
} from "@/ui";

interface Row {
  id: string;
  sku: string;
  name: string;
  status: string;
  on_hand: string;
  updated_at: string;
}

const BEGUN = Date.now();
const ROWS: Row[] = Array.from({ length: 10_000 }, (_, index) => ({
  id: String(index),
  sku: `SKU-${String(index).padStart(5, "0")}`,
  name: ["Espresso beans", "Green tea", "Filter paper", "Cup, large"][index % 4] ?? "",
  status: index % 7 === 0 ? "archived" : "active",
  on_hand: ((index * 37) % 900).toString(),
  updated_at: new Date(BEGUN - index * 60_000).toISOString(),
}));

export function GridPart() {
  const { t } = useTranslation("gallery");
  const formats = useFormats();
  const [state, setState] = useState<ListState>({});
  const [read, setRead] = useState(200);
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const change = (next: ListState) => {
    setRead(200);
    setState((before) => ({ ...before, ...next }));
  };
  const matching = useMemo(() => {
    const text = (state.q ?? "").toLowerCase();
    const rows = ROWS.filter(
      (row) =>
        (!text || `${row.sku} ${row.name}`.toLowerCase().includes(text)) &&
        (!state.status || state.status.includes(row.status)) &&
        (!state["updated_at[gte]"] || row.updated_at >= state["updated_at[gte]"]) &&
        (!state["updated_at[lt]"] || row.updated_at < state["updated_at[lt]"]),
    );
    if (state.sort === "-sku") rows.reverse();
    return rows;
  }, [state]);
  const list: List<Row> = {
    rows: useMemo(() => matching.slice(0, read), [matching, read]),
    total: matching.length,
    isEstimate: false,
    isPending: false,
    isStale: false,
    hasMore: read < matching.length,
    isLoadingMore: false,
    loadMore: () => setRead((count) => count + 200),
    problem: null,
    retry: () => undefined,
    isNarrowed: Object.values({ ...state, sort: undefined }).some(Boolean),
    queryKey: [],
  };
  const columns = useMemo<GridColumn<Row>[]>(
    () => [
      { id: "name", header: t("name"), cell: (row) => row.name, width: 220, grows: true, isFixed: true },
      { id: "sku", header: t("sku"), cell: (row) => <span className="code-text">{row.sku}</span>, sort: "sku" },
      { id: "status", header: t("status"), cell: (row) => <StatusBadge status={row.status} />, width: 120 },
      { id: "on_hand", header: t("on_hand"), cell: (row) => formats.quantity(row.on_hand), align: "end", width: 110 },
      { id: "updated_at", header: t("updated"), cell: (row) => <Moment at={row.updated_at} />, width: 150 },
    ],
    [t, formats],
  );
  return (
    <div className="flex h-[30rem] flex-col">
      {ids.size > 0 ? (
        <SelectionBar count={ids.size} onClear={() => setIds(new Set())}>
          {null}
        </SelectionBar>
      ) : (
        <GridToolbar id="gallery" columns={columns} state={state} onState={change} searchLabel={t("search")}>
          <FilterMenu
            label={t("status")}
            choices={[
              { id: "active", label: t("active") },
              { id: "archived", label: "archived" },
            ]}
            value={state.status}
            onChange={(status) => change({ status })}
          />
          <PeriodFilter label={t("updated")} field="updated_at" state={state} onState={change} />
        </GridToolbar>
      )}
      <DataGrid
        id="gallery"
        label={t("grid")}
        list={list}
        columns={columns}
        rowId={(row) => row.id}
        state={state}
        onState={change}
        selection={{ ids, onChange: setIds }}
        onOpen={() => undefined}
        empty={null}
        narrow={(row) => (
          <span className="flex items-center justify-between gap-3">
            <span className="min-w-0">
              <span className="block truncate font-medium">{row.name}</span>
              <span className="code-text block text-xs text-muted">{row.sku}</span>
            </span>
            <span className="tabular">{formats.quantity(row.on_hand)}</span>
          </span>
        )}
      />
    </div>
  );
}
