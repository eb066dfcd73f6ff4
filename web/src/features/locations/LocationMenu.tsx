/** What can be done with a place. */
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema, useWrite } from "@/api";
import { useCan } from "@/app/access";
import { IconButton, Menu, type MenuAction, toast } from "@/ui";
import { etagOf } from "../editing/useEditForm";
import type { Location } from "./find";
import type { LocationForm } from "./LocationDrawer";

const INVALIDATES = [["/api/v1/locations"], ["/api/v1/warehouses"]];

export function LocationMenu({ location, onForm }: { location: Location; onForm: (form: LocationForm) => void }) {
  const { t } = useTranslation("locations");
  const can = useCan();
  const navigate = useNavigate();
  const { change, remove } = useLocationActions();
  const isActive = location.status === "active";
  const actions: MenuAction[] = [
    ...(can("inventory.read") && location.is_stock
      ? [
          {
            id: "stock",
            label: t("show_stock"),
            icon: "boxes" as const,
            onAction: () => void navigate({ to: "/inventory", search: { location_id: location.id } }),
          },
        ]
      : []),
    ...(can("locations.write")
      ? [
          ...(location.type !== "bin" && isActive
            ? [
                {
                  id: "add",
                  label: t("add_within"),
                  icon: "plus" as const,
                  onAction: () => onForm({ parent: location }),
                },
              ]
            : []),
          { id: "edit", label: t("edit"), icon: "pencil" as const, onAction: () => onForm({ id: location.id }) },
          {
            id: "status",
            label: isActive ? t("archive") : t("restore"),
            icon: isActive ? ("archive" as const) : ("rotate-ccw" as const),
            onAction: () => change({ location, status: isActive ? "archived" : "active" }),
          },
          {
            id: "delete",
            label: t("delete"),
            icon: "trash-2" as const,
            isDanger: true,
            onAction: () => remove(location),
          },
        ]
      : []),
  ];
  if (actions.length === 0) return null;
  const label = t("more_of", { name: location.name });
  return (
    <Menu label={label} sections={[{ id: "actions", actions }]}>
      <IconButton icon="ellipsis" label={label} />
    </Menu>
  );
}

function useLocationActions() {
  const { t } = useTranslation("locations");
  const patch = (location: Location, status: Location["status"]) =>
    answer(
      api.PATCH("/api/v1/locations/{id}", {
        params: { path: { id: location.id }, header: { "If-Match": etagOf(location) } },
        body: { status } as Schema<"LocationPatch">,
      }),
    );
  const back = useWrite<Location>({
    send: (saved) => patch(saved, saved.status === "active" ? "archived" : "active"),
    invalidates: INVALIDATES,
  });
  const told = (saved: Location) =>
    toast.success(t(saved.status === "active" ? "restored" : "archived", { name: saved.name }), {
      undo: () => back.mutateAsync(saved),
    });
  const change = useWrite<{ location: Location; status: Location["status"] }, { data: Location }>({
    send: ({ location, status }) => patch(location, status),
    invalidates: INVALIDATES,
    onSuccess: ({ data }) => told(data),
    onError: toast.problem,
  });
  const again = useWrite<Location>({
    send: ({ code, name, type, kind, is_stock, parent_id, address, map }, { key }) =>
      answer(
        api.POST("/api/v1/locations", {
          params: { header: { "Idempotency-Key": key } },
          body: { code, name, type: type as Schema<"NewLocationType">, kind, is_stock, parent_id, address, map },
        }),
      ),
    invalidates: INVALIDATES,
  });
  const remove = useWrite<Location, { data?: Location }>({
    send: (location) =>
      answer(
        api.DELETE("/api/v1/locations/{id}", {
          params: { path: { id: location.id }, header: { "If-Match": etagOf(location) } },
        }),
      ) as Promise<{ data?: Location }>,
    invalidates: INVALIDATES,
    onSuccess: ({ data }, location) => {
      // With history it is put away instead.
      if (data) return told(data);
      toast.success(t("deleted", { name: location.name }), { undo: () => again.mutateAsync(location) });
    },
    onError: toast.problem,
  });
  return { change: change.mutate, remove: remove.mutate };
}
