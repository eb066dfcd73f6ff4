/** Deletes a role that nobody holds; "Undo" makes it again as it was. */
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { toast } from "@/ui";
import { etagOf } from "../editing/useEditForm";
import { grantsBody, grantsOf, type Matrix, type MatrixRole, ROLE_QUERIES } from "./matrix";

export function useDeleteRole(matrix: Matrix) {
  const { t } = useTranslation("roles");
  const again = useWrite<MatrixRole>({
    send: ({ key, name, description }, context) =>
      answer(
        api.POST("/api/v1/roles", {
          params: { header: { "Idempotency-Key": context.key } },
          body: { key, name, description, ...grantsBody(grantsOf(matrix, key)) },
        }),
      ),
    invalidates: ROLE_QUERIES,
  });
  const { mutate } = useWrite<MatrixRole>({
    send: (role) =>
      answer(
        api.DELETE("/api/v1/roles/{id}", { params: { path: { id: role.id }, header: { "If-Match": etagOf(role) } } }),
      ),
    invalidates: ROLE_QUERIES,
    onSuccess: (_, role) => toast.success(t("deleted", { name: role.name }), { undo: () => again.mutateAsync(role) }),
    onError: toast.problem,
  });
  return mutate;
}
