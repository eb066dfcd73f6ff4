/** A tag that is made, or renamed and recoloured on every product that carries it. */
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { zTagIn } from "@/api/zod.gen";
import { Dialog, Form, TextInput, toast, useApiForm, useField } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";

type TagIn = Schema<"TagIn">;
type TagOut = Schema<"TagOut">;

const INVALIDATES = [["/api/v1/tags"], ["/api/v1/products"]];
const CODES = { TAG_EXISTS: "name" } as const;
/** Tags are marks of their owners' own: these are theirs to choose, whatever the theme. */
const COLORS = ["#b42318", "#c4660a", "#a17c08", "#2e7d32", "#0b7285", "#1f5fbf", "#6741a8", "#a8326e", "#5b6770"];

export function TagDialog({ tag, onClose }: { tag: TagOut | undefined; onClose: () => void }) {
  const { t } = useTranslation("tags");
  return (
    <Dialog isOpen onClose={onClose} size="sm" title={tag ? t("edit") : t("new")}>
      {tag ? <EditTag tag={tag} onClose={onClose} /> : <NewTag onClose={onClose} />}
    </Dialog>
  );
}

function NewTag({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("tags");
  const form = useApiForm<TagIn, unknown>({
    schema: zTagIn,
    defaults: { name: "" },
    codes: CODES,
    invalidates: INVALIDATES,
    send: (body, { key }) => answer(api.POST("/api/v1/tags", { params: { header: { "Idempotency-Key": key } }, body })),
    onSuccess: (_, { name }) => {
      toast.success(t("created", { name }));
      onClose();
    },
  });
  return (
    <Form form={form} submitLabel={t("create")} onCancel={onClose}>
      <Fields />
    </Form>
  );
}

function EditTag({ tag, onClose }: { tag: TagOut; onClose: () => void }) {
  const { t } = useTranslation("tags");
  const { t: ui } = useTranslation("ui");
  const form = useEditForm<TagIn, TagIn, TagOut>({
    schema: zTagIn,
    current: tag,
    toForm: ({ name, color }) => ({ name, color: color ?? undefined }),
    toBody: (values) => values,
    codes: CODES,
    invalidates: INVALIDATES,
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/tags/{id}", {
          params: { path: { id: tag.id }, header: { "If-Match": etag } },
          body: patch as Schema<"TagPatch">,
        }),
      ),
    onSuccess: ({ name }) => {
      toast.success(t("saved", { name }));
      onClose();
    },
  });
  return (
    <Form form={form} submitLabel={ui("form.save")} onCancel={onClose}>
      <EditConflict conflict={form.conflict} label={(field) => t(field)} />
      <Fields />
    </Form>
  );
}

function Fields() {
  const { t } = useTranslation("tags");
  const color = useField("color");
  return (
    <>
      <TextInput name="name" label={t("name")} maxLength={60} autoFocus isRequired />
      <fieldset>
        <legend className="label mb-1.5">{t("color")}</legend>
        <div className="flex flex-wrap gap-2">
          {[undefined, ...COLORS].map((one, index) => (
            <label
              key={one ?? "none"}
              title={one ? t("color_number", { number: index }) : t("no_color")}
              className="inline-flex size-8 cursor-pointer items-center justify-center rounded-full border border-field-border bg-surface has-checked:ring-2 has-checked:ring-focus has-checked:ring-offset-2 has-checked:ring-offset-overlay has-focus-visible:outline-2 has-focus-visible:outline-focus"
              style={one ? { backgroundColor: one } : undefined}
            >
              <input
                type="radio"
                name="color"
                className="sr-only"
                aria-label={one ? t("color_number", { number: index }) : t("no_color")}
                checked={(color.value ?? undefined) === one}
                onChange={() => color.onChange(one)}
              />
              {!one && <span aria-hidden="true" className="h-px w-5 rotate-45 bg-field-border" />}
            </label>
          ))}
        </div>
      </fieldset>
    </>
  );
}
