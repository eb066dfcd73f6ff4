/** What a product is, as fields: the same when it is made and when it is changed. */
import { useTranslation } from "react-i18next";
import { PermissionGate } from "@/app/access";
import { SelectInput, TextAreaInput, TextInput } from "@/ui";
import { CategoryField } from "../categories/CategoryField";
import { TagsField } from "../tags/TagsField";

export function NameFields({ autoFocus }: { autoFocus?: boolean }) {
  const { t } = useTranslation("products");
  return (
    <div className="grid gap-4">
      <TextInput name="name" label={t("name")} maxLength={300} autoFocus={autoFocus} isRequired />
      <TextAreaInput name="description" label={t("description")} isRequired={false} rows={4} />
    </div>
  );
}

export function OrderFields() {
  const { t } = useTranslation("products");
  return (
    <div className="grid gap-4">
      <PermissionGate permission="categories.read">
        <CategoryField name="category_id" label={t("category")} isRequired={false} />
      </PermissionGate>
      <TextInput name="brand" label={t("brand")} maxLength={120} isRequired={false} />
      <TagsField name="tags" label={t("tags")} />
    </div>
  );
}

export function StockFields({ isKindFixed }: { isKindFixed?: boolean }) {
  const { t } = useTranslation("products");
  const kinds = ["stocked", "non_stocked", "service"] as const;
  return (
    <div className="grid gap-4">
      <SelectInput
        name="kind"
        label={t("kind")}
        isDisabled={isKindFixed}
        description={isKindFixed ? t("kind_fixed") : undefined}
        choices={kinds.map((id) => ({ id, label: t(`kinds.${id}`), description: t(`kind_hints.${id}`) }))}
      />
      <TextInput
        name="unit"
        label={t("unit")}
        description={t("unit_hint")}
        placeholder="each"
        maxLength={32}
        isRequired={false}
      />
    </div>
  );
}
