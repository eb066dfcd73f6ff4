/** One's own views: another name, shared or not, what they show, away with them. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answer, api, useWrite } from "@/api";
import { Badge, Dialog, ErrorPanel, IconButton, type ListState, toast } from "@/ui";
import { etagOf } from "../editing/useEditForm";
import { queryOf, type SavedView, type ViewedList, viewsKey } from "./views";

interface Props {
  resource: ViewedList;
  views: SavedView[];
  state: ListState;
  onClose: () => void;
}

export function ManageViews({ resource, views, state, onClose }: Props) {
  const { t } = useTranslation("saved-views");
  const invalidates = [[...viewsKey(resource)]];
  const [problem, setProblem] = useState<ApiProblem>();
  const onError = (found: ApiProblem) => setProblem(found);
  const edit = useWrite<{ view: SavedView; body: { name?: string; shared?: boolean; query?: Record<string, string> } }>(
    {
      send: ({ view, body }) =>
        answer(
          api.PATCH("/api/v1/saved-views/{id}", {
            params: { path: { id: view.id }, header: { "If-Match": etagOf(view) } },
            body,
          }),
        ),
      invalidates,
      onSuccess: () => setProblem(undefined),
      onError,
    },
  );
  const again = useWrite<SavedView>({
    send: ({ name, query, shared }, { key }) =>
      answer(
        api.POST("/api/v1/saved-views", {
          params: { header: { "Idempotency-Key": key } },
          body: { resource, name, query, shared },
        }),
      ),
    invalidates,
  });
  const remove = useWrite<SavedView>({
    send: (view) =>
      answer(
        api.DELETE("/api/v1/saved-views/{id}", {
          params: { path: { id: view.id }, header: { "If-Match": etagOf(view) } },
        }),
      ),
    invalidates,
    onSuccess: (_, view) => toast.success(t("deleted", { name: view.name }), { undo: () => again.mutateAsync(view) }),
    onError,
  });
  const now = queryOf(state);
  return (
    <Dialog isOpen onClose={onClose} title={t("manage")}>
      {problem && (
        <div className="mb-3">
          <ErrorPanel error={problem} compact />
        </div>
      )}
      <ul className="grid divide-y divide-separator">
        {views.map((view) => (
          <li key={view.id} className="flex items-center gap-2 py-2">
            <form
              className="min-w-0 flex-1"
              onSubmit={(event) => {
                event.preventDefault();
                (document.activeElement as HTMLElement | null)?.blur();
              }}
            >
              <input
                className="input"
                aria-label={t("name")}
                defaultValue={view.name}
                maxLength={100}
                dir="auto"
                onBlur={(event) => {
                  const name = event.target.value.trim();
                  if (name === "") event.target.value = view.name;
                  else if (name !== view.name) edit.mutate({ view, body: { name } });
                }}
              />
            </form>
            {view.shared && <Badge tone="info">{t("is_shared")}</Badge>}
            <IconButton
              icon="users"
              label={view.shared ? t("unshare") : t("share")}
              onPress={() => edit.mutate({ view, body: { shared: !view.shared } })}
            />
            <IconButton
              icon="save"
              label={t("replace")}
              isDisabled={Object.keys(now).length === 0}
              onPress={() => edit.mutate({ view, body: { query: now } })}
            />
            <IconButton icon="trash-2" label={t("delete")} onPress={() => remove.mutate(view)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
