/** What holds for all lines of a posting: where, with whom, by which document, when. */
import { useState } from "react";
import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { Button, SelectInput, TextInput, useField } from "@/ui";
import { FieldFrame } from "@/ui/form/fields";
import { LocationField } from "../locations/LocationField";
import { ISSUE_WAYS, type PostingKind, type PostingValues, RECEIVE_WAYS, REFERENCES } from "./posting";

export function HeadFields({ kind, isPlaceFixed }: { kind: PostingKind; isPlaceFixed: boolean }) {
  const { t } = useTranslation("inventory");
  const { t: moves } = useTranslation("stock-movements");
  const ways = kind === "receive" ? RECEIVE_WAYS : kind === "issue" ? ISSUE_WAYS : [];
  return (
    <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <LocationField name="location_id" label={t(`place.${kind}`)} isDisabled={isPlaceFixed} isRequired />
      {kind === "transfer" && <LocationField name="to_location_id" label={t("to_place")} isRequired />}
      {ways.length > 0 && (
        <SelectInput name="way" label={t("way")} choices={ways.map((id) => ({ id, label: t(`ways.${id}`) }))} />
      )}
      {kind !== "count" && (
        <>
          <SelectInput
            name="reference_type"
            label={t("document")}
            choices={REFERENCES.map((id) => ({ id, label: moves(`references.${id}`) }))}
          />
          <TextInput name="reference_number" label={t("number")} maxLength={100} isCode isRequired={false} />
        </>
      )}
      <div className="lg:col-span-2">
        <TextInput name="note" label={t("note")} maxLength={1000} isRequired={false} />
      </div>
      <PermissionGate permission="inventory.backdate">
        <Earlier />
      </PermissionGate>
    </div>
  );
}

/** Business time before now, with why it is recorded late. */
function Earlier() {
  const { t } = useTranslation("inventory");
  const { setValue } = useFormContext<PostingValues>();
  const at = useField("occurred_at");
  const [isOpen, setOpen] = useState(Boolean(at.value));
  if (!isOpen)
    return (
      <div className="flex items-end">
        <Button variant="ghost" icon="clock" onPress={() => setOpen(true)}>
          {t("earlier")}
        </Button>
      </div>
    );
  return (
    <>
      <FieldFrame label={t("occurred_at")} fault={at.fault} isRequired={false}>
        {(control) => (
          <input
            {...control}
            ref={at.ref}
            type="datetime-local"
            className="input"
            value={at.value ?? ""}
            onChange={(event) => at.onChange(event.target.value || undefined)}
            onBlur={at.onBlur}
          />
        )}
      </FieldFrame>
      <div className="flex items-end gap-2">
        <div className="flex-1">
          <TextInput name="backdating_reason" label={t("why_late")} maxLength={500} />
        </div>
        <Button
          variant="ghost"
          onPress={() => {
            setOpen(false);
            setValue("occurred_at", undefined);
            setValue("backdating_reason", undefined);
          }}
        >
          {t("now")}
        </Button>
      </div>
    </>
  );
}
