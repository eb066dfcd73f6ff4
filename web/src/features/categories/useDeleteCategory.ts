/** Deletes a category nothing lies in; it can be made again as it was. */
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { toast } from "@/ui";
import { etagOf } from "../editing/useEditForm";

type Category = Schema<"CategoryOut">;
const INVALIDATES = [["/api/v1/categories"]];

export function useDeleteCategory(): (id: string) => void {
  const { t } = useTranslation("categories");
  const again = useWrite<Category>({
    send: ({ name, slug, description, parent_id, position, seo_title, seo_description }, { key }) =>
      answer(
        api.POST("/api/v1/categories", {
          params: { header: { "Idempotency-Key": key } },
          body: { name, slug, description, parent_id, position, seo_title, seo_description },
        }),
      ),
    invalidates: INVALIDATES,
  });
  const remove = useWrite<string, Category>({
    send: async (id) => {
      const { data } = await answer(api.GET("/api/v1/categories/{id}", { params: { path: { id } } }));
      const params = { path: { id }, header: { "If-Match": etagOf(data) } };
      await answer(api.DELETE("/api/v1/categories/{id}", { params }));
      return data;
    },
    invalidates: INVALIDATES,
    onSuccess: (category) =>
      toast.success(t("deleted", { name: category.name }), { undo: () => again.mutateAsync(category) }),
    onError: toast.problem,
  });
  return (id) => remove.mutate(id);
}
