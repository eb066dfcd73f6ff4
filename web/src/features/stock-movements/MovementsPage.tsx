/** The ledger: what moved, newest first. */
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate } from "@/app/access";
import {
  Badge,
  Button,
  ButtonLink,
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  Page,
  PeriodFilter,
  useGridState,
  useList,
} from "@/ui";
import { PERMISSIONS } from "../inventory/permissions";
import { LocationFilter } from "../locations/LocationFilter";
import { SavedViews } from "../saved-views/SavedViews";
import { ActorName } from "./ActorName";
import { MovementDrawer } from "./MovementDrawer";
import { FromTo, MovedQuantity, ReasonBadge } from "./MovementLine";
import { type Movement, REASONS } from "./movement";

/** Filters that come with a link and are taken away as one. */
const LINKED = ["batch_id", "import_id", "product_id", "variant_id"] as const;

export function MovementsPage() {
  return (
    <PageGate permission="inventory.read">
      <Movements />
    </PageGate>
  );
}

function Movements() {
  const { t } = useTranslation("stock-movements");
  const [state, setState] = useGridState();
  const [open, setOpen] = useState<Movement | string>();
  const list = useList({ path: "/api/v1/stock-movements", state, hasTotal: false });
  const oneLocation = state.location_id?.includes(",") ? undefined : state.location_id;
  const columns = useMemo<GridColumn<Movement>[]>(
    () => [
      {
        id: "product",
        header: t("product"),
        width: 190,
        grows: true,
        isFixed: true,
        cell: (movement) => (
          <span dir="auto" className="person-text block truncate font-medium">
            {movement.product_name}
          </span>
        ),
      },
      { id: "sku", header: t("sku"), width: 110, cell: ({ sku }) => <span className="code-text">{sku}</span> },
      { id: "reason", header: t("reason"), width: 150, cell: (movement) => <Marks movement={movement} /> },
      { id: "from_to", header: t("from_to"), width: 170, cell: (movement) => <FromTo movement={movement} /> },
      {
        id: "quantity",
        header: t("quantity"),
        width: 90,
        align: "end",
        cell: (movement) => <MovedQuantity movement={movement} locationId={oneLocation} />,
      },
      {
        id: "occurred_at",
        header: t("occurred_at"),
        sort: "occurred_at",
        width: 130,
        cell: ({ occurred_at }) => <Moment at={occurred_at} />,
      },
      {
        id: "reference",
        header: t("reference"),
        width: 140,
        isHidden: true,
        cell: ({ reference }) => <span className="code-text">{reference?.number}</span>,
      },
      {
        id: "by",
        header: t("by"),
        width: 110,
        cell: ({ actor_kind, actor_id }) => <ActorName kind={actor_kind} id={actor_id} />,
      },
      {
        id: "note",
        header: t("note"),
        width: 220,
        isHidden: true,
        cell: ({ note }) => <span className="person-text">{note}</span>,
      },
      {
        id: "recorded_at",
        header: t("recorded_at"),
        width: 150,
        isHidden: true,
        cell: ({ recorded_at }) => <Moment at={recorded_at} />,
      },
    ],
    [t, oneLocation],
  );
  const linked = LINKED.filter((name) => state[name]);
  return (
    <Page
      fill
      title={t("title")}
      actions={
        <PermissionGate permission="inventory.import" feature="imports">
          <ButtonLink to="/imports/$kind" params={{ kind: "stock-movements" }} icon="upload">
            {t("import")}
          </ButtonLink>
        </PermissionGate>
      }
    >
      <GridToolbar
        id="stock_movements"
        columns={columns}
        defaultSort="-occurred_at"
        state={state}
        onState={setState}
        actions={<SavedViews resource="stock_movements" state={state} onState={setState} />}
      >
        {linked.length > 0 && (
          <Button
            size="sm"
            icon="x"
            className="h-9"
            onPress={() => setState(Object.fromEntries(linked.map((name) => [name, undefined])))}
          >
            {t(`only.${linked[0] ?? "batch_id"}`)}
          </Button>
        )}
        <FilterMenu
          label={t("reason")}
          choices={REASONS.map((id) => ({ id, label: t(`reasons.${id}`) }))}
          value={state.reason}
          onChange={(reason) => setState({ reason })}
        />
        <PermissionGate permission="locations.read">
          <LocationFilter
            label={t("location")}
            value={state.location_id}
            onChange={(location_id) => setState({ location_id })}
          />
        </PermissionGate>
        <PeriodFilter label={t("period")} field="occurred_at" state={state} onState={setState} />
      </GridToolbar>
      <DataGrid
        id="stock_movements"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="-occurred_at"
        onOpen={setOpen}
        empty={
          <EmptyState
            icon="history"
            title={t("none")}
            actions={
              <PermissionGate permission={PERMISSIONS.receive}>
                <ButtonLink to="/inventory/receive" variant="primary" icon="package-plus">
                  {t("receive")}
                </ButtonLink>
              </PermissionGate>
            }
          >
            {t("none_text")}
          </EmptyState>
        }
        narrow={(movement) => (
          <span className="flex items-center justify-between gap-3">
            <span className="min-w-0">
              <span dir="auto" className="person-text block truncate font-medium">
                {movement.product_name}
              </span>
              <span className="mt-0.5 flex items-center gap-2 text-xs text-muted">
                <ReasonBadge movement={movement} />
                <Moment at={movement.occurred_at} />
              </span>
            </span>
            <MovedQuantity movement={movement} locationId={oneLocation} />
          </span>
        )}
      />
      {open && (
        <MovementDrawer
          key={typeof open === "string" ? open : open.id}
          movement={open}
          onOpen={setOpen}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Page>
  );
}

function Marks({ movement }: { movement: Movement }) {
  const { t } = useTranslation("stock-movements");
  return (
    <span className="flex gap-1">
      <ReasonBadge movement={movement} />
      {movement.reversed_by_id && <Badge tone="warning">{t("reversed")}</Badge>}
    </span>
  );
}
