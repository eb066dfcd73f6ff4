/** The tree of categories. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, PermissionGate, useCan } from "@/app/access";
import { Optional } from "@/app/Optional";
import { useFormats } from "@/i18n";
import {
  Button,
  EmptyState,
  ErrorPanel,
  IconButton,
  Menu,
  NoMatch,
  Page,
  SearchField,
  Section,
  SkeletonText,
  useGridState,
} from "@/ui";
import { type TreeNode, TreeView } from "@/ui/data/TreeView";
import { lazyPart } from "@/ui/lazy-part";
import type { CategoryForm } from "./CategoryDrawer";
import { type CategoryNode, placed, pruned } from "./tree";
import { treeQuery } from "./useCategories";
import { useDeleteCategory } from "./useDeleteCategory";

const CategoryDrawer = lazyPart(async () => (await import("./CategoryDrawer")).CategoryDrawer);

export function CategoriesPage() {
  return (
    <PageGate permission="categories.read">
      <Categories />
    </PageGate>
  );
}

function Categories() {
  const { t } = useTranslation("categories");
  const can = useCan();
  const mayWrite = can("categories.write");
  const [{ q }, setState] = useGridState();
  const [expanded, setExpanded] = useState<ReadonlySet<string>>(new Set());
  const [form, setForm] = useState<CategoryForm>();
  const remove = useDeleteCategory();
  const { data, error, refetch } = useQuery(treeQuery);
  const shown = useMemo(() => (q && data ? pruned(data, q) : (data ?? [])), [data, q]);
  const sums = useMemo(() => new Map(placed(data ?? []).map(({ id, products }) => [id, products])), [data]);
  // What was found is in sight.
  const open = useMemo(() => (q ? new Set(placed(shown).map(({ id }) => id)) : expanded), [q, shown, expanded]);

  const nodeOf = (node: CategoryNode): TreeNode => ({
    id: node.id,
    text: node.name,
    children: node.children.map(nodeOf),
    content: (
      <span className="flex flex-wrap items-baseline gap-x-3">
        <span className="person-text font-medium">{node.name}</span>
        <Products id={node.id} count={node.product_count} all={sums.get(node.id) ?? 0} />
      </span>
    ),
    aside: mayWrite && (
      <Menu
        label={t("more_of", { name: node.name })}
        sections={[
          {
            id: "actions",
            actions: [
              {
                id: "add",
                label: t("add_below"),
                icon: "plus",
                onAction: () => setForm({ parentId: node.id }),
              },
              { id: "edit", label: t("edit"), icon: "pencil", onAction: () => setForm({ id: node.id }) },
              {
                id: "delete",
                label: t("delete"),
                icon: "trash-2",
                isDanger: true,
                onAction: () => remove(node.id),
              },
            ],
          },
        ]}
      >
        <IconButton icon="ellipsis" label={t("more_of", { name: node.name })} />
      </Menu>
    ),
  });
  return (
    <Page
      title={t("title")}
      description={data && data.length > 0 ? t("count", { count: sums.size }) : undefined}
      actions={
        <PermissionGate permission="categories.write">
          <Button variant="primary" icon="plus" onPress={() => setForm({})}>
            {t("new")}
          </Button>
        </PermissionGate>
      }
    >
      {error && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {!data && !error && <SkeletonText lines={8} />}
      {data?.length === 0 && (
        <EmptyState
          icon="folder-tree"
          title={t("none")}
          actions={
            <PermissionGate permission="categories.write">
              <Button variant="primary" icon="plus" onPress={() => setForm({})}>
                {t("new")}
              </Button>
            </PermissionGate>
          }
        >
          {t("none_text")}
        </EmptyState>
      )}
      {data && data.length > 0 && (
        <>
          <div className="mb-3 flex flex-wrap items-center gap-2">
            <SearchField label={t("search")} value={q ?? ""} onChange={(next) => setState({ q: next })} />
            {!q && (
              <>
                <span className="flex-1" />
                <Button size="sm" variant="ghost" onPress={() => setExpanded(new Set(sums.keys()))}>
                  {t("expand_all")}
                </Button>
                <Button size="sm" variant="ghost" onPress={() => setExpanded(new Set())}>
                  {t("collapse_all")}
                </Button>
              </>
            )}
          </div>
          {shown.length === 0 ? (
            <NoMatch onClear={() => setState({ q: undefined })} />
          ) : (
            <Section flush>
              <TreeView
                label={t("title")}
                nodes={shown.map(nodeOf)}
                expanded={open}
                onExpanded={setExpanded}
                onOpen={mayWrite ? (id) => setForm({ id }) : undefined}
                expandLabel={t("expand")}
              />
            </Section>
          )}
        </>
      )}
      {form && (
        <Optional onFault={() => setForm(undefined)}>
          <CategoryDrawer key={form.id ?? `new:${form.parentId}`} form={form} onClose={() => setForm(undefined)} />
        </Optional>
      )}
    </Page>
  );
}

/** How many lie in it, and with everything below. */
function Products({ id, count, all }: { id: string; count: number; all: number }) {
  const { t } = useTranslation("categories");
  const formats = useFormats();
  const can = useCan();
  if (all === 0) return <span className="text-xs text-muted">{t("empty")}</span>;
  const text = t("products", { count });
  return (
    <span className="text-xs text-muted">
      {can("products.read") && count > 0 ? (
        <Link
          to="/products"
          search={{ category_id: id }}
          className="text-link underline"
          onClick={(event) => event.stopPropagation()}
        >
          {text}
        </Link>
      ) : (
        text
      )}
      {all > count && ` · ${t("with_below", { number: formats.number(all) })}`}
    </span>
  );
}
