/** A key that is made; it is shown once, in the same place. */
import { useState } from "react";
import { useWatch } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { Button, Copyable, DateInput, Drawer, Form, Icon, SelectInput, TextInput, useApiForm } from "@/ui";
import { expiryOf, firstDay, newKeySchema, TERMS, type Term } from "./expiry";
import { ScopesField } from "./ScopesField";

type Created = Schema<"CreatedApiKeyOut">;

interface Props {
  /** A key whose name and scopes the new one takes over. */
  like: Schema<"ApiKeyOut"> | undefined;
  onClose: () => void;
}

type NewKey = Schema<"ApiKeyIn"> & { term: Term; day?: string | undefined };

export function NewKeyDrawer({ like, onClose }: Props) {
  const { t } = useTranslation("api-keys");
  const [created, setCreated] = useState<Created>();
  return (
    <Drawer
      isOpen
      onClose={onClose}
      isRequired={created !== undefined}
      title={created ? t("created") : t("new")}
      description={created ? undefined : t("new_text")}
    >
      {created ? (
        <Secret created={created} onClose={onClose} />
      ) : (
        <NewKeyForm like={like} onCreated={setCreated} onClose={onClose} />
      )}
    </Drawer>
  );
}

function NewKeyForm({ like, onCreated, onClose }: Props & { onCreated: (created: Created) => void }) {
  const { t } = useTranslation("api-keys");
  const form = useApiForm<NewKey, { data: Created }>({
    schema: newKeySchema,
    defaults: { name: like?.name ?? "", scopes: like?.scopes ?? [], term: "365" },
    fieldOf: (field) => (field === "expires_at" ? "term" : field.replace(/^scopes\[\d+\]$/, "scopes")),
    invalidates: [["/api/v1/api-keys"]],
    send: ({ name, scopes, term, day }, { key }) =>
      answer(
        api.POST("/api/v1/api-keys", {
          params: { header: { "Idempotency-Key": key } },
          body: { name, scopes, expires_at: expiryOf(term, day) },
        }),
      ),
    onSuccess: ({ data }) => onCreated(data),
  });
  return (
    <Form form={form} submitLabel={t("create")} onCancel={onClose}>
      <TextInput name="name" label={t("name")} description={t("name_hint")} maxLength={100} autoFocus isRequired />
      <SelectInput
        name="term"
        label={t("term")}
        choices={TERMS.map((id) => ({ id, label: t(`terms.${id}`) }))}
        isRequired
      />
      <DayField />
      <ScopesField name="scopes" />
    </Form>
  );
}

function DayField() {
  const { t } = useTranslation("api-keys");
  return useWatch({ name: "term" }) === "day" ? (
    <DateInput name="day" label={t("day")} min={firstDay()} isRequired />
  ) : null;
}

function Secret({ created, onClose }: { created: Created; onClose: () => void }) {
  const { t } = useTranslation("api-keys");
  return (
    <div className="grid gap-4">
      <div role="status" className="flex gap-3 rounded-xl bg-warning-soft p-4 text-warning-soft-foreground">
        <Icon name="triangle-alert" className="mt-0.5 size-5" />
        <p className="text-pretty">{t("once")}</p>
      </div>
      <div className="rounded-lg border border-border bg-surface-secondary p-3">
        <p className="mb-1 text-xs text-muted">{created.name}</p>
        <Copyable text={created.key} label={t("key")} isWrapped />
      </div>
      <p className="text-pretty text-muted">
        {t("use")} <code className="code-text">Authorization: Bearer …</code>
      </p>
      <div className="flex justify-end">
        <Button variant="primary" onPress={onClose}>
          {t("kept")}
        </Button>
      </div>
    </div>
  );
}
