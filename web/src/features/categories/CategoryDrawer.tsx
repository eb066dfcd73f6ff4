/** A category that is made, or changed: its name, its place in the tree, what search engines see. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zCategoryIn } from "@/api/zod.gen";
import { Button, Drawer, ErrorPanel, Form, SkeletonText, TextAreaInput, TextInput, toast, useApiForm } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";
import { CategoryField } from "./CategoryField";
import { within } from "./tree";
import { treeQuery, useCategories } from "./useCategories";

type CategoryIn = Schema<"CategoryIn">;
type Category = Schema<"CategoryOut">;

export interface CategoryForm {
  /** Which one; a new one otherwise. */
  id?: string;
  parentId?: string;
}

const INVALIDATES = [["/api/v1/categories"]];
const CODES = { CATEGORY_CYCLE: "parent_id", CATEGORY_EXISTS: "name" } as const;

export function CategoryDrawer({ form, onClose }: { form: CategoryForm; onClose: () => void }) {
  const { t } = useTranslation("categories");
  return (
    <Drawer isOpen onClose={onClose} title={form.id ? t("edit") : t("new")}>
      {form.id ? <Loaded id={form.id} onClose={onClose} /> : <NewCategory parentId={form.parentId} onClose={onClose} />}
    </Drawer>
  );
}

function NewCategory({ parentId, onClose }: { parentId?: string; onClose: () => void }) {
  const { t } = useTranslation("categories");
  const form = useApiForm<CategoryIn, { data: Category }>({
    schema: zCategoryIn,
    defaults: { name: "", parent_id: parentId },
    codes: CODES,
    invalidates: INVALIDATES,
    send: (body, { key }) =>
      answer(api.POST("/api/v1/categories", { params: { header: { "Idempotency-Key": key } }, body })),
    onSuccess: ({ data }) => {
      toast.success(t("created", { name: data.name }));
      onClose();
    },
  });
  return (
    <Form form={form} submitLabel={t("create")} onCancel={onClose}>
      <Fields />
    </Form>
  );
}

function Loaded({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["/api/v1/categories", id],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/categories/{id}", { params: { path: { id } }, signal })),
    staleTime: 0,
    gcTime: 0,
  });
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  return data ? <EditCategory category={data.data} onClose={onClose} /> : <SkeletonText lines={6} />;
}

function EditCategory({ category, onClose }: { category: Category; onClose: () => void }) {
  const { t } = useTranslation("categories");
  const { t: ui } = useTranslation("ui");
  const { byId } = useCategories();
  const form = useEditForm<CategoryIn, CategoryIn, Category>({
    schema: zCategoryIn,
    current: category,
    toForm: ({ name, parent_id, slug, description, position, seo_title, seo_description }) => ({
      name,
      parent_id: parent_id ?? undefined,
      slug,
      description,
      position,
      seo_title: seo_title ?? "",
      seo_description: seo_description ?? "",
    }),
    toBody: (values) => values,
    codes: CODES,
    invalidates: INVALIDATES,
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/categories/{id}", {
          params: { path: { id: category.id }, header: { "If-Match": etag } },
          body: patch as Schema<"CategoryPatch">,
        }),
      ),
    onSuccess: ({ name }) => {
      toast.success(t("saved", { name }));
      onClose();
    },
  });
  return (
    <Form form={form} submitLabel={ui("form.save")} onCancel={onClose}>
      <EditConflict
        conflict={form.conflict}
        label={(field) => t(field)}
        show={(field, value) => (field === "parent_id" ? byId.get(String(value))?.path.join(" › ") : undefined)}
      />
      <Fields id={category.id} />
    </Form>
  );
}

function Fields({ id }: { id?: string }) {
  const { t } = useTranslation("categories");
  const { data: tree } = useQuery(treeQuery);
  const [isMore, setMore] = useState(false);
  return (
    <>
      <TextInput name="name" label={t("name")} maxLength={200} autoFocus isRequired />
      <CategoryField
        name="parent_id"
        label={t("parent_id")}
        description={t("parent_hint")}
        isRequired={false}
        without={id && tree ? within(tree, id) : undefined}
      />
      <TextAreaInput name="description" label={t("description")} rows={3} isRequired={false} />
      {isMore ? (
        <>
          <TextInput
            name="slug"
            label={t("slug")}
            description={t("slug_hint")}
            maxLength={120}
            isCode
            isRequired={false}
          />
          <TextInput name="seo_title" label={t("seo_title")} maxLength={200} isRequired={false} />
          <TextAreaInput name="seo_description" label={t("seo_description")} rows={2} isRequired={false} />
        </>
      ) : (
        <div>
          <Button variant="ghost" size="sm" icon="chevron-down" onPress={() => setMore(true)}>
            {t("more")}
          </Button>
        </div>
      )}
    </>
  );
}
