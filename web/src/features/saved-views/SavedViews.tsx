/** The views of a list: go to one, keep the present one under a name, put one's own in order. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PermissionGate, useCan, useMe } from "@/app/access";
import { Optional } from "@/app/Optional";
import { type ListState, Menu, type MenuSection, toast } from "@/ui";
import { lazyPart } from "@/ui/lazy-part";
import { changeTo, readViews, shows, type ViewedList, viewsKey } from "./views";

const ManageViews = lazyPart(async () => (await import("./ManageViews")).ManageViews);
const SaveView = lazyPart(async () => (await import("./SaveView")).SaveView);

interface Props {
  resource: ViewedList;
  state: ListState;
  onState: (change: ListState) => void;
}

export function SavedViews(props: Props) {
  return (
    <PermissionGate permission="saved_views.read" feature="saved_views">
      <ViewsMenu {...props} />
    </PermissionGate>
  );
}

function ViewsMenu({ resource, state, onState }: Props) {
  const { t } = useTranslation(["saved-views", "ui"]);
  const can = useCan();
  const own = useMe().user?.id;
  const [open, setOpen] = useState<"save" | "manage">();
  const query = useQuery({
    queryKey: viewsKey(resource),
    queryFn: ({ signal }) => readViews(resource, signal),
    staleTime: 60_000,
  });
  const views = query.data ?? [];
  const readAgain = async () => {
    const { error } = await query.refetch();
    if (error) toast.problem(error);
  };
  const shown = views.find((view) => shows(view, state));
  const narrowed = Object.values(state).some(Boolean);
  const mayWrite = can("saved_views.write");
  const mine = views.filter((view) => view.user_id === own);

  const list = (id: string, title: string, some: typeof views): MenuSection[] =>
    some.length === 0
      ? []
      : [
          {
            id,
            title,
            actions: some.map((view) => ({
              id: view.id,
              label: view.name,
              icon: view.shared ? ("users" as const) : ("star" as const),
              isChosen: view.id === shown?.id,
              onAction: () => onState(changeTo(view, state)),
            })),
          },
        ];
  const sections: MenuSection[] = [
    {
      id: "all",
      actions: [
        {
          id: "all",
          label: t("all"),
          icon: "list-checks",
          isChosen: !narrowed,
          onAction: () => onState(changeTo({ query: {} }, state)),
        },
      ],
    },
    ...(query.isLoadingError
      ? [
          {
            id: "unread",
            actions: [
              {
                id: "again",
                label: t("ui:error.unread", { what: t("views") }),
                icon: "refresh-cw" as const,
                onAction: () => void readAgain(),
              },
            ],
          },
        ]
      : []),
    ...list("mine", t("mine"), mine),
    ...list(
      "shared",
      t("shared"),
      views.filter((view) => view.user_id !== own),
    ),
    ...(mayWrite
      ? [
          {
            id: "keep",
            actions: [
              {
                id: "save",
                label: t("save"),
                icon: "save" as const,
                isDisabled: !narrowed || Boolean(shown),
                onAction: () => setOpen("save"),
              },
              {
                id: "manage",
                label: t("manage"),
                icon: "pencil" as const,
                isDisabled: mine.length === 0,
                onAction: () => setOpen("manage"),
              },
            ],
          },
        ]
      : []),
  ];
  const close = () => setOpen(undefined);
  return (
    <>
      <Menu label={t("views")} text={shown?.name ?? t("views")} icon="star" size="sm" sections={sections} />
      {open && (
        <Optional onFault={close}>
          {open === "save" ? (
            <SaveView resource={resource} state={state} onClose={close} />
          ) : (
            <ManageViews resource={resource} views={mine} state={state} onClose={close} />
          )}
        </Optional>
      )}
    </>
  );
}
