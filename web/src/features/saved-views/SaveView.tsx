/** Keeps what the list shows just now under a name. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api } from "@/api";
import { CheckboxInput, Dialog, Form, type ListState, TextInput, toast, useApiForm } from "@/ui";
import { queryOf, type ViewedList, viewsKey } from "./views";

const schema = z.object({ name: z.string().check(z.minLength(1), z.maxLength(100)), shared: z.boolean() });

export function SaveView({
  resource,
  state,
  onClose,
}: {
  resource: ViewedList;
  state: ListState;
  onClose: () => void;
}) {
  const { t } = useTranslation("saved-views");
  const form = useApiForm({
    schema,
    defaults: { name: "", shared: false },
    codes: { SAVED_VIEW_EXISTS: "name" },
    invalidates: [[...viewsKey(resource)]],
    send: (values, { key }) =>
      answer(
        api.POST("/api/v1/saved-views", {
          params: { header: { "Idempotency-Key": key } },
          body: { ...values, resource, query: queryOf(state) },
        }),
      ),
    onSuccess: ({ data }) => {
      toast.success(t("saved", { name: data.name }));
      onClose();
    },
  });
  return (
    <Dialog isOpen onClose={onClose} title={t("save")} description={t("save_text")}>
      <Form form={form} submitLabel={t("save_submit")} onCancel={onClose}>
        <TextInput name="name" label={t("name")} autoFocus isRequired maxLength={100} />
        <CheckboxInput name="shared" label={t("share")} />
      </Form>
    </Dialog>
  );
}
