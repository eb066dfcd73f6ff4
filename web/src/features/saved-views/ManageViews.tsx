/** One's own views: another name, shared or not, what they show, away with them. */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiProblem, answer, api, useWrite } from "@/api";
import { Badge, Dialog, ErrorPanel, IconButton, type ListState, toast, useFocusAfterRemoval } from "@/ui";
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
  // One after the other, each from what the one before made of it: leaving the name by a press on a button is two writes.
  const turn = useRef<Promise<unknown>>(Promise.resolve());
  const newest = useRef(new Map<string, SavedView>());
  const inTurn = <Out,>(view: SavedView, write: (etag: string) => Promise<Out>) => {
    const next = turn.current.then(() => {
      const known = newest.current.get(view.id);
      return write(etagOf(known && known.version > view.version ? known : view));
    });
    turn.current = next.catch(() => undefined);
    return next;
  };
  const edit = useWrite<{ view: SavedView; body: { name?: string; shared?: boolean; query?: Record<string, string> } }>(
    {
      send: ({ view, body }) =>
        inTurn(view, async (etag) => {
          const params = { path: { id: view.id }, header: { "If-Match": etag } };
          const saved = await answer(api.PATCH("/api/v1/saved-views/{id}", { params, body }));
          newest.current.set(view.id, saved.data);
          return saved;
        }),
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
      inTurn(view, (etag) =>
        answer(
          api.DELETE("/api/v1/saved-views/{id}", { params: { path: { id: view.id }, header: { "If-Match": etag } } }),
        ),
      ),
    invalidates,
    onSuccess: (_, view) => toast.success(t("deleted", { name: view.name }), { undo: () => again.mutateAsync(view) }),
    onError,
  });
  const list = useFocusAfterRemoval<HTMLUListElement>(views.map(({ id }) => id));
  const now = queryOf(state);
  const replace = (view: SavedView) => {
    const undo = () => edit.mutateAsync({ view, body: { query: view.query as Record<string, string> } });
    edit.mutateAsync({ view, body: { query: now } }).then(
      () => toast.success(t("replaced", { name: view.name }), { undo }),
      // The dialog shows it.
      () => undefined,
    );
  };
  return (
    <Dialog isOpen onClose={onClose} title={t("manage")}>
      {problem && (
        <div className="mb-3">
          <ErrorPanel error={problem} compact />
        </div>
      )}
      <ul ref={list} className="grid divide-y divide-separator">
        {views.map((view) => (
          <li key={view.id} data-row={view.id} className="flex items-center gap-2 py-2">
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
              onPress={() => replace(view)}
            />
            <IconButton icon="trash-2" label={t("delete")} onPress={() => remove.mutate(view)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
