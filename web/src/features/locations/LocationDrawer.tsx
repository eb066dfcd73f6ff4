/** A place that is made, or changed. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zLocationIn } from "@/api/zod.gen";
import {
  ComboboxInput,
  Drawer,
  ErrorPanel,
  Form,
  SelectInput,
  SkeletonText,
  SwitchInput,
  TextInput,
  toast,
  useApiForm,
} from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";
import { type Location, locationOption, locationQuery } from "./find";

type LocationIn = Schema<"LocationIn">;

export interface LocationForm {
  /** Which one; a new one otherwise. */
  id?: string;
  /** Where the new one lies; a site otherwise. */
  parent?: Location;
}

const INVALIDATES = [["/api/v1/locations"], ["/api/v1/warehouses"], ["/api/v1/inventory"]];
const CODES = { LOCATION_CODE_TAKEN: "code", LOCATION_CYCLE: "parent_id", LOCATION_HAS_STOCK: "is_stock" } as const;
const KINDS = ["warehouse", "store", "restaurant", "third_party"] as const;
/** What usually lies in what. */
const WITHIN: Record<string, Schema<"NewLocationType">> = { site: "area", area: "aisle", aisle: "bin" };

interface Props {
  form: LocationForm;
  onCreated?: (location: Location) => void;
  onClose: () => void;
}

export function LocationDrawer({ form, onCreated, onClose }: Props) {
  const { t } = useTranslation("locations");
  const title = form.id ? t("edit") : form.parent ? t("new_within", { name: form.parent.name }) : t("new_site");
  return (
    <Drawer isOpen onClose={onClose} title={title}>
      {form.id ? (
        <Loaded id={form.id} onClose={onClose} />
      ) : (
        <NewLocation parent={form.parent} onCreated={onCreated} onClose={onClose} />
      )}
    </Drawer>
  );
}

function NewLocation({ parent, onCreated, onClose }: Omit<Props, "form"> & { parent?: Location }) {
  const { t } = useTranslation("locations");
  const type = parent ? (WITHIN[parent.type] ?? "bin") : "site";
  const form = useApiForm<LocationIn, { data: Location }>({
    schema: zLocationIn,
    defaults: {
      type,
      kind: parent ? undefined : "warehouse",
      parent_id: parent?.id,
      code: "",
      name: "",
      is_stock: true,
    },
    codes: CODES,
    invalidates: INVALIDATES,
    send: (body, { key }) =>
      answer(api.POST("/api/v1/locations", { params: { header: { "Idempotency-Key": key } }, body })),
    onSuccess: ({ data }) => {
      toast.success(t("created", { name: data.name }));
      onCreated?.(data);
      onClose();
    },
  });
  return (
    <Form form={form} submitLabel={t("create")} onCancel={onClose}>
      {parent && (
        <SelectInput
          name="type"
          label={t("type")}
          choices={(["area", "aisle", "bin"] as const).map((id) => ({
            id,
            label: t(`types.${id}`),
            description: t(`type_hints.${id}`),
          }))}
        />
      )}
      <Fields isSite={!parent} isNew />
    </Form>
  );
}

function Loaded({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery({ ...locationQuery(id), staleTime: 0, gcTime: 0 });
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  return data ? <EditLocation location={data.data} onClose={onClose} /> : <SkeletonText lines={6} />;
}

function EditLocation({ location, onClose }: { location: Location; onClose: () => void }) {
  const { t } = useTranslation("locations");
  const { t: ui } = useTranslation("ui");
  const isSite = location.type === "site";
  const form = useEditForm<LocationIn, Omit<LocationIn, "type">, Location>({
    schema: zLocationIn,
    current: location,
    toForm: ({ type, code, name, kind, is_stock, parent_id, address }) => ({
      type: type as LocationIn["type"],
      code,
      name,
      kind: kind ?? undefined,
      is_stock,
      parent_id: parent_id ?? undefined,
      address: address ?? undefined,
    }),
    toBody: ({ type: _, ...body }) => body,
    codes: CODES,
    invalidates: INVALIDATES,
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/locations/{id}", {
          params: { path: { id: location.id }, header: { "If-Match": etag } },
          body: patch as Schema<"LocationPatch">,
        }),
      ),
    onSuccess: ({ name }) => {
      toast.success(t("saved", { name }));
      onClose();
    },
  });
  const parentId = form.fields.watch("parent_id");
  const parent = useQuery({ ...locationQuery(parentId ?? ""), enabled: Boolean(parentId) });
  return (
    <Form form={form} submitLabel={ui("form.save")} onCancel={onClose}>
      <EditConflict
        conflict={form.conflict}
        label={(field) => t(field as "name")}
        show={(field, value) => {
          if (field === "kind") return t(`kinds.${value as "store"}`);
          if (field === "is_stock") return value ? t("yes") : t("no");
          if (field === "address")
            return Object.values(value as object)
              .filter(Boolean)
              .join(", ");
          return undefined;
        }}
      />
      {!isSite && (
        <ComboboxInput
          name="parent_id"
          label={t("parent_id")}
          initial={parent.data && locationOption(parent.data.data)}
          queryKey={["/api/v1/locations", "parents"]}
          load={async (text, signal) => {
            const query = { q: text || undefined, type: "site,area,aisle", status: "active", limit: 30 };
            const { data } = await answer(api.GET("/api/v1/locations", { params: { query }, signal }));
            return data.filter(({ id }) => id !== location.id).map(locationOption);
          }}
        />
      )}
      <Fields isSite={isSite} />
    </Form>
  );
}

function Fields({ isSite, isNew }: { isSite: boolean; isNew?: boolean }) {
  const { t } = useTranslation("locations");
  return (
    <>
      <TextInput name="name" label={t("name")} maxLength={200} autoFocus={isNew} isRequired />
      <TextInput name="code" label={t("code")} description={t("code_hint")} maxLength={64} isCode isRequired />
      {isSite && (
        <SelectInput name="kind" label={t("kind")} choices={KINDS.map((id) => ({ id, label: t(`kinds.${id}`) }))} />
      )}
      <SwitchInput name="is_stock" label={t("is_stock")} description={t("is_stock_hint")} />
      {isSite && (
        <fieldset className="grid gap-4 sm:grid-cols-2">
          <legend className="mb-2 font-semibold">{t("address")}</legend>
          <div className="sm:col-span-2">
            <TextInput name="address.line1" label={t("line1")} maxLength={200} isRequired={false} />
          </div>
          <div className="sm:col-span-2">
            <TextInput name="address.line2" label={t("line2")} maxLength={200} isRequired={false} />
          </div>
          <TextInput name="address.postal_code" label={t("postal_code")} maxLength={20} isRequired={false} />
          <TextInput name="address.city" label={t("city")} maxLength={100} isRequired={false} />
          <TextInput name="address.region" label={t("region")} maxLength={100} isRequired={false} />
          <TextInput
            name="address.country"
            label={t("country")}
            description={t("country_hint")}
            maxLength={2}
            isCode
            isRequired={false}
          />
        </fieldset>
      )}
    </>
  );
}
