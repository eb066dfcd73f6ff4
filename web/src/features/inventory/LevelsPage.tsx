/** What lies where, corrected where it stands; several levels at once become lines of a form. */
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate, useCan } from "@/app/access";
import { useFormats } from "@/i18n";
import {
  Button,
  ButtonLink,
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Menu,
  Moment,
  Page,
  SelectionBar,
  toast,
  useGridState,
  useList,
} from "@/ui";
import { LocationFilter } from "../locations/LocationFilter";
import { SavedViews } from "../saved-views/SavedViews";
import { Correcting } from "./Correcting";
import { beginWith, putDraft } from "./drafts";
import { Available } from "./LevelsPart";
import type { Level } from "./levels";
import { OnHand } from "./OnHand";
import { PERMISSIONS } from "./permissions";
import type { PostingKind } from "./posting";

const FORMS = [
  { kind: "transfer", icon: "arrow-left-right", to: "/inventory/transfer" },
  { kind: "issue", icon: "package-minus", to: "/inventory/issue" },
  { kind: "count", icon: "clipboard-check", to: "/inventory/count" },
] as const;
/** Lines of one posting. */
const MOST = 1_000;

export function LevelsPage() {
  return (
    <PageGate permission="inventory.read">
      <Levels />
    </PageGate>
  );
}

function Levels() {
  const { t } = useTranslation("inventory");
  const formats = useFormats();
  const can = useCan();
  const navigate = useNavigate();
  const [state, setState] = useGridState();
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const list = useList({ path: "/api/v1/inventory", state });
  const columns = useMemo<GridColumn<Level>[]>(
    () => [
      {
        id: "product_name",
        header: t("product"),
        sort: "product_name",
        width: 220,
        grows: true,
        isFixed: true,
        cell: (level) => <Name level={level} />,
      },
      {
        id: "sku",
        header: t("sku"),
        sort: "sku",
        width: 130,
        cell: ({ sku }) => <span className="code-text">{sku}</span>,
      },
      {
        id: "location",
        header: t("location"),
        sort: "location",
        width: 170,
        cell: ({ location_name }) => <span className="person-text">{location_name}</span>,
      },
      {
        id: "on_hand",
        header: t("on_hand"),
        sort: "on_hand",
        width: 100,
        align: "end",
        cell: (level) => <OnHand level={level} />,
      },
      {
        id: "available",
        header: t("available"),
        sort: "available",
        width: 110,
        align: "end",
        cell: (level) => <Available level={level} />,
      },
      ...(["committed", "reserved", "incoming", "damaged", "quality_control", "safety_stock"] as const).map(
        (id): GridColumn<Level> => ({
          id,
          header: t(id),
          width: 120,
          align: "end",
          isHidden: true,
          cell: (level) => formats.decimal(level[id]),
        }),
      ),
      {
        id: "updated_at",
        header: t("updated_at"),
        sort: "updated_at",
        width: 140,
        cell: ({ updated_at }) => <Moment at={updated_at} />,
      },
    ],
    [t, formats],
  );
  const forms = FORMS.filter(({ kind }) => can(PERMISSIONS[kind]));
  const begin = (kind: PostingKind, to: (typeof FORMS)[number]["to"]) => {
    const chosen = list.rows.filter(({ id }) => ids.has(id)).slice(0, MOST);
    // A count is of one place.
    const [first] = chosen;
    const taken = kind === "count" ? chosen.filter((one) => one.location_id === first?.location_id) : chosen;
    const before = beginWith(kind, taken);
    void navigate({ to });
    const left = ids.size - taken.length;
    const text = left > 0 ? t("left_out", { count: left }) : undefined;
    if (before) toast.success(t("draft_replaced"), { text, undo: () => putDraft(kind, before) });
    else if (text) toast.show({ title: text });
  };
  const further = FORMS.filter(({ kind }) => can(PERMISSIONS[kind]) && kind !== "issue");
  return (
    <Page
      fill
      title={t("title")}
      actions={
        <>
          {further.length > 0 && (
            <Menu
              label={t("more_forms")}
              sections={[
                {
                  id: "forms",
                  actions: further.map(({ kind, icon, to }) => ({
                    id: kind,
                    label: t(`titles.${kind}`),
                    icon,
                    onAction: () => void navigate({ to }),
                  })),
                },
              ]}
            />
          )}
          <PermissionGate permission={PERMISSIONS.issue}>
            <ButtonLink to="/inventory/issue" icon="package-minus">
              {t("titles.issue")}
            </ButtonLink>
          </PermissionGate>
          <PermissionGate permission={PERMISSIONS.receive}>
            <ButtonLink to="/inventory/receive" variant="primary" icon="package-plus">
              {t("titles.receive")}
            </ButtonLink>
          </PermissionGate>
        </>
      }
    >
      {ids.size > 0 ? (
        <SelectionBar count={ids.size} onClear={() => setIds(new Set())}>
          {forms.map(({ kind, icon, to }) => (
            <Button key={kind} size="sm" icon={icon} onPress={() => begin(kind, to)}>
              {t(`titles.${kind}`)}
            </Button>
          ))}
        </SelectionBar>
      ) : (
        <GridToolbar
          id="inventory"
          columns={columns}
          defaultSort="sku"
          state={state}
          onState={setState}
          searchLabel={t("search")}
          actions={<SavedViews resource="inventory" state={state} onState={setState} />}
        >
          <PermissionGate permission="locations.read">
            <LocationFilter
              label={t("location")}
              value={state.location_id}
              onChange={(location_id) => setState({ location_id })}
            />
          </PermissionGate>
          <FilterMenu
            label={t("amount")}
            isMultiple={false}
            choices={(["low", "some", "none"] as const).map((id) => ({ id, label: t(`amounts.${id}`) }))}
            value={amountOf(state)}
            onChange={(amount) => setState(AMOUNTS[amount as Amount] ?? NO_AMOUNT)}
          />
        </GridToolbar>
      )}
      <Correcting>
        <DataGrid
          id="inventory"
          label={t("title")}
          list={list}
          columns={columns}
          rowId={({ id }) => id}
          state={state}
          onState={setState}
          defaultSort="sku"
          link={
            can("products.read") ? ({ product_id }) => ({ to: "/products/$id", params: { id: product_id } }) : undefined
          }
          selection={forms.length > 0 ? { ids, onChange: setIds } : undefined}
          empty={
            <EmptyState
              icon="boxes"
              title={t("none")}
              actions={
                <PermissionGate permission={PERMISSIONS.receive}>
                  <ButtonLink to="/inventory/receive" variant="primary" icon="package-plus">
                    {t("titles.receive")}
                  </ButtonLink>
                </PermissionGate>
              }
            >
              {t("none_text")}
            </EmptyState>
          }
          narrow={(level) => (
            <span className="flex items-center justify-between gap-3">
              <span className="min-w-0">
                <Name level={level} />
                <span className="mt-0.5 block truncate text-xs font-normal text-muted">
                  <span className="code-text">{level.sku}</span> ·{" "}
                  <span className="person-text">{level.location_name}</span>
                </span>
              </span>
              <span className="shrink-0 font-normal">
                <OnHand level={level} />
              </span>
            </span>
          )}
        />
      </Correcting>
    </Page>
  );
}

type Amount = "low" | "some" | "none";
const NO_AMOUNT = { low_stock: undefined, "on_hand[gt]": undefined, on_hand: undefined };
const AMOUNTS: Record<Amount, Record<string, string | undefined>> = {
  low: { ...NO_AMOUNT, low_stock: "true" },
  some: { ...NO_AMOUNT, "on_hand[gt]": "0" },
  none: { ...NO_AMOUNT, on_hand: "0" },
};

function amountOf(state: Record<string, string | undefined>): Amount | undefined {
  if (state.low_stock === "true") return "low";
  if (state["on_hand[gt]"] === "0") return "some";
  return state.on_hand === "0" ? "none" : undefined;
}

function Name({ level }: { level: Level }) {
  return (
    <span dir="auto" className="person-text block truncate font-medium">
      {level.product_name}
      {level.variant_name && <span className="font-normal text-muted"> · {level.variant_name}</span>}
    </span>
  );
}
