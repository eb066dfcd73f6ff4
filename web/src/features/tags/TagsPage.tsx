/** The tags of the catalogue. */
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { PageGate, PermissionGate, useCan } from "@/app/access";
import {
  Button,
  DataGrid,
  EmptyState,
  type GridColumn,
  GridToolbar,
  IconButton,
  Moment,
  Page,
  toast,
  useGridState,
  useList,
} from "@/ui";
import { etagOf } from "../editing/useEditForm";
import { TagDialog } from "./TagDialog";

type TagOut = Schema<"TagOut">;
const INVALIDATES = [["/api/v1/tags"]];

export function TagsPage() {
  return (
    <PageGate permission="products.read">
      <Tags />
    </PageGate>
  );
}

function Tags() {
  const { t } = useTranslation("tags");
  const can = useCan();
  const mayWrite = can("products.write");
  const [state, setState] = useGridState();
  const [open, setOpen] = useState<TagOut | "new">();
  const list = useList({ path: "/api/v1/tags", state });
  const again = useWrite<TagOut>({
    send: ({ name, color }, { key }) =>
      answer(api.POST("/api/v1/tags", { params: { header: { "Idempotency-Key": key } }, body: { name, color } })),
    invalidates: INVALIDATES,
  });
  const { mutate: remove } = useWrite<TagOut>({
    send: (tag) =>
      answer(
        api.DELETE("/api/v1/tags/{id}", { params: { path: { id: tag.id }, header: { "If-Match": etagOf(tag) } } }),
      ),
    invalidates: INVALIDATES,
    onSuccess: (_, tag) => toast.success(t("deleted", { name: tag.name }), { undo: () => again.mutateAsync(tag) }),
    onError: toast.problem,
  });
  const columns = useMemo<GridColumn<TagOut>[]>(
    () => [
      {
        id: "name",
        header: t("name"),
        sort: "name",
        width: 240,
        grows: true,
        isFixed: true,
        cell: (tag) => <Colored tag={tag} />,
      },
      {
        id: "products",
        header: t("products"),
        width: 130,
        cell: ({ name }) => (
          <Link
            to="/products"
            search={{ tag: name }}
            className="text-link underline"
            onClick={(event) => event.stopPropagation()}
          >
            {t("show_products")}
          </Link>
        ),
      },
      {
        id: "created_at",
        header: t("created_at"),
        sort: "created_at",
        width: 150,
        cell: ({ created_at }) => <Moment at={created_at} />,
      },
      ...(mayWrite
        ? [
            {
              id: "actions",
              header: t("actions"),
              width: 90,
              isFixed: true,
              cell: (tag: TagOut) => (
                <IconButton icon="trash-2" label={t("delete_name", { name: tag.name })} onPress={() => remove(tag)} />
              ),
            },
          ]
        : []),
    ],
    [t, mayWrite, remove],
  );
  const add = (
    <PermissionGate permission="products.write">
      <Button variant="primary" icon="plus" onPress={() => setOpen("new")}>
        {t("new")}
      </Button>
    </PermissionGate>
  );
  return (
    <Page fill title={t("title")} actions={add}>
      <GridToolbar id="tags" state={state} onState={setState} searchLabel={t("search")} />
      <DataGrid
        id="tags"
        label={t("title")}
        list={list}
        columns={columns}
        rowId={({ id }) => id}
        state={state}
        onState={setState}
        defaultSort="name"
        onOpen={mayWrite ? setOpen : undefined}
        empty={
          <EmptyState icon="tags" title={t("none")} actions={add}>
            {t("none_text")}
          </EmptyState>
        }
      />
      {open && <TagDialog tag={open === "new" ? undefined : open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}

function Colored({ tag }: { tag: TagOut }) {
  return (
    <span className="flex items-center gap-2.5">
      <span
        aria-hidden="true"
        className="size-3 shrink-0 rounded-full border border-border"
        style={tag.color ? { backgroundColor: tag.color } : undefined}
      />
      <span className="person-text truncate font-medium">{tag.name}</span>
    </span>
  );
}
