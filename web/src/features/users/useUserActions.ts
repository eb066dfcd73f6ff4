/** What can be done with a person of the organization. All but removing is taken back by "Undo". */
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { toast } from "@/ui";
import { PEOPLE_QUERIES, type User } from "./people";

export function useUserActions() {
  const { t } = useTranslation("users");
  const params = (id: string, key: string) => ({ path: { id }, header: { "Idempotency-Key": key } });
  const deactivate = useWrite<User, { data: User }>({
    send: ({ id }, { key }) => answer(api.POST("/api/v1/users/{id}/deactivate", { params: params(id, key) })),
    invalidates: PEOPLE_QUERIES,
    onError: toast.problem,
  });
  const reactivate = useWrite<User, { data: User }>({
    send: ({ id }, { key }) => answer(api.POST("/api/v1/users/{id}/reactivate", { params: params(id, key) })),
    invalidates: PEOPLE_QUERIES,
    onError: toast.problem,
  });
  const remove = useWrite<User>({
    send: ({ id }) => answer(api.DELETE("/api/v1/users/{id}", { params: { path: { id } } })),
    invalidates: PEOPLE_QUERIES,
    onSuccess: (_, { display_name }) => toast.success(t("removed", { name: display_name })),
  });
  return {
    deactivate: (user: User) =>
      deactivate.mutate(user, {
        onSuccess: () =>
          toast.success(t("deactivated", { name: user.display_name }), { undo: () => reactivate.mutateAsync(user) }),
      }),
    reactivate: (user: User) =>
      reactivate.mutate(user, {
        onSuccess: () =>
          toast.success(t("reactivated", { name: user.display_name }), { undo: () => deactivate.mutateAsync(user) }),
      }),
    remove,
  };
}
