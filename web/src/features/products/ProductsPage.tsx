/** The catalogue as a grid. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate } from "@/app/access";
import {
  ButtonLink,
  DataGrid,
  EmptyState,
  FilterMenu,
  type GridColumn,
  GridToolbar,
  Moment,
  Page,
  SampleBadge,
  StatusBadge,
  Tag,
  useGridState,
  useList,
} from "@/ui";
import { CategoryFilter } from "../categories/CategoryField";
import { useCategories } from "../categories/useCategories";
import { SavedViews } from "../saved-views/SavedViews";
import { TagFilter } from "../tags/TagFilter";
import { ExportButton } from "./ExportButton";
import { Price } from "./Price";
import type { Product } from "./variants";

const STATUSES = ["draft", "active", "archived"] as const;
const KINDS = ["stocked", "non_stocked", "service"] as const;

export function ProductsPage() {
  return (
    <PageGate permission="products.read">
      <Products />
    </PageGate>
  );
}

function Products() {
  const { t } = useTranslation("products");
  const { t: ui } = useTranslation("ui");
  const [state, setState] = useGridState();
  const { byId } = useCategories();
  const list = useList({
    path: "/api/v1/products",
    state,
    // What is put away is shown to who asks for it.
    fixed: state.status ? { include: "variants" } : { include: "variants", "status[ne]": "archived" },
  });
  const columns = useMemo<GridColumn<Product>[]>(
    () => [
      {
        id: "name",
        header: t("name"),
        sort: "name",
        width: 220,
        grows: true,
        isFixed: true,
        cell: (product) => <Name product={product} />,
      },
      { id: "sku", header: t("sku"), width: 150, cell: (product) => <Skus product={product} /> },
      {
        id: "status",
        header: t("status"),
        sort: "status",
        width: 100,
        cell: ({ status }) => <StatusBadge status={status} />,
      },
      {
        id: "category",
        header: t("category"),
        width: 140,
        cell: ({ category_id }) => (
          <span className="person-text">{(category_id && byId.get(category_id)?.name) || ""}</span>
        ),
      },
      {
        id: "brand",
        header: t("brand"),
        sort: "brand",
        width: 150,
        cell: ({ brand }) => <span className="person-text">{brand}</span>,
      },
      {
        id: "price",
        header: t("price"),
        width: 160,
        align: "end",
        cell: ({ variants }) => <Price variants={variants ?? []} />,
      },
      {
        id: "kind",
        header: t("kind"),
        sort: "kind",
        width: 130,
        isHidden: true,
        cell: ({ kind }) => t(`kinds.${kind}`, { defaultValue: kind }),
      },
      {
        id: "tags",
        header: t("tags"),
        width: 200,
        isHidden: true,
        cell: ({ tags }) => (
          <span className="flex gap-1">
            {tags.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </span>
        ),
      },
      { id: "unit", header: t("unit"), width: 90, isHidden: true, cell: ({ unit }) => unit },
      {
        id: "updated_at",
        header: t("updated_at"),
        sort: "updated_at",
        width: 140,
        isHidden: true,
        cell: ({ updated_at }) => <Moment at={updated_at} />,
      },
    ],
    [t, byId],
  );
  return (
    <Page
      fill
      title={t("title")}
      actions={
        <>
          <PermissionGate permission="products.read">
            <ExportButton state={state} />
          </PermissionGate>
          <PermissionGate permission="products.import" feature="imports">
            <ButtonLink to="/imports/$kind" params={{ kind: "products" }} icon="upload">
              {t("import")}
            </ButtonLink>
          </PermissionGate>
          <PermissionGate permission="products.write">
            <ButtonLink to="/products/new" variant="primary" icon="plus">
              {t("new")}
            </ButtonLink>
          </PermissionGate>
        </>
      }
    >
      <GridToolbar
        id="products"
        columns={columns}
        defaultSort="name"
        state={state}
        onState={setState}
        searchLabel={t("search")}
        actions={<SavedViews resource="products" state={state} onState={setState} />}
      >
        <FilterMenu
          label={t("status")}
          choices={STATUSES.map((id) => ({ id, label: ui(`status.${id}`) }))}
          value={state.status}
          onChange={(status) => setState({ status })}
        />
        <PermissionGate permission="categories.read">
          <CategoryFilter
            label={t("category")}
            value={state.category_id}
            onChange={(category_id) => setState({ category_id })}
          />
        </PermissionGate>
        <TagFilter label={t("tags")} value={state.tag} onChange={(tag) => setState({ tag })} />
        <FilterMenu
          label={t("kind")}
          choices={KINDS.map((id) => ({ id, label: t(`kinds.${id}`) }))}
          value={state.kind}
          onChange={(kind) => setState({ kind })}
        />
      </GridToolbar>
      <DataGrid
        id="products"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="name"
        link={({ id }) => ({ to: "/products/$id", params: { id } })}
        empty={<NoProducts />}
        narrow={(product) => (
          <span className="flex items-center justify-between gap-3">
            <span className="min-w-0">
              <Name product={product} />
              <span className="mt-0.5 block text-xs font-normal text-muted">
                <Skus product={product} />
              </span>
            </span>
            <span className="shrink-0 text-end font-normal">
              <Price variants={product.variants ?? []} />
              {product.status !== "active" && (
                <span className="mt-0.5 block">
                  <StatusBadge status={product.status} />
                </span>
              )}
            </span>
          </span>
        )}
      />
    </Page>
  );
}

function Name({ product }: { product: Product }) {
  return (
    <span className="flex min-w-0 items-center gap-2">
      <span dir="auto" className="person-text truncate font-medium">
        {product.name}
      </span>
      <SampleBadge of={product} />
    </span>
  );
}

function Skus({ product }: { product: Product }) {
  const [first, ...others] = product.variants ?? [];
  if (!first) return <span className="text-muted">–</span>;
  return (
    <>
      <span className="code-text">{first.sku}</span>
      {others.length > 0 && (
        <span className="ms-1.5 text-muted tabular">
          <bdi dir="ltr">+{others.length}</bdi>
        </span>
      )}
    </>
  );
}

function NoProducts() {
  const { t } = useTranslation("products");
  return (
    <EmptyState
      icon="package-open"
      title={t("none")}
      actions={
        <>
          <PermissionGate permission="products.write">
            <ButtonLink to="/products/new" variant="primary" icon="plus">
              {t("new")}
            </ButtonLink>
          </PermissionGate>
          <PermissionGate permission="products.import" feature="imports">
            <ButtonLink to="/imports/$kind" params={{ kind: "products" }} icon="upload">
              {t("import")}
            </ButtonLink>
          </PermissionGate>
        </>
      }
    >
      {t("none_text")}
    </EmptyState>
  );
}
