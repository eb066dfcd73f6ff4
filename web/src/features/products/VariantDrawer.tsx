/** One variant: added to a product, or changed. */
import { useFieldArray, useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { answer, api, type Schema } from "@/api";
import { useFormats } from "@/i18n";
import {
  Button,
  Drawer,
  Form,
  IconButton,
  MoneyInput,
  QuantityInput,
  TextInput,
  toast,
  useApiForm,
  useFocusAfterRemoval,
} from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";
import { BarcodesField } from "./BarcodesField";
import { useCurrency } from "./useCurrency";
import {
  EMPTY_VARIANT,
  type VariantBody,
  type VariantValues,
  variantBody,
  variantSchema,
  variantValues,
} from "./variant-values";
import type { Product, Variant } from "./variants";

const INVALIDATES = [["/api/v1/products"], ["/api/v1/variants"], ["/api/v1/inventory"]];
const CODES = { SKU_TAKEN: "sku", BARCODE_TAKEN: "barcodes" } as const;

export function NewVariant({ product, onClose }: { product: Product; onClose: () => void }) {
  const { t } = useTranslation("products");
  const form = useApiForm<VariantValues, unknown>({
    schema: variantSchema,
    defaults: EMPTY_VARIANT,
    codes: CODES,
    invalidates: INVALIDATES,
    send: (values, { key }) =>
      answer(
        api.POST("/api/v1/products/{id}/variants", {
          params: { path: { id: product.id }, header: { "Idempotency-Key": key } },
          body: variantBody(values),
        }),
      ),
    onSuccess: (_, { sku }) => {
      toast.success(t("variant_added", { sku }));
      onClose();
    },
  });
  return (
    <Drawer isOpen onClose={onClose} title={t("add_variant")} description={product.name}>
      <Form form={form} submitLabel={t("add_variant")} onCancel={onClose}>
        <VariantFields product={product} />
      </Form>
    </Drawer>
  );
}

export function EditVariant({
  product,
  variant,
  onClose,
}: {
  product: Product;
  variant: Variant;
  onClose: () => void;
}) {
  const { t } = useTranslation("products");
  const { t: ui } = useTranslation("ui");
  const formats = useFormats();
  const form = useEditForm<VariantValues, VariantBody, Variant>({
    schema: variantSchema,
    current: variant,
    toForm: variantValues,
    toBody: variantBody,
    codes: CODES,
    invalidates: INVALIDATES,
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/variants/{id}", {
          params: { path: { id: variant.id }, header: { "If-Match": etag } },
          body: patch as Schema<"VariantPatch">,
        }),
      ),
    onSuccess: ({ sku }) => {
      toast.success(t("saved", { name: sku }));
      onClose();
    },
  });
  return (
    <Drawer isOpen onClose={onClose} title={variant.name || variant.sku} description={product.name}>
      <Form form={form} submitLabel={ui("form.save")} onCancel={onClose}>
        <EditConflict
          conflict={form.conflict}
          label={(field) => (field === "name" ? t("variant_name") : t(field as "sku"))}
          show={(field, value) => {
            if (field === "price" || field === "cost") return formats.money(value as Schema<"Money">);
            if (field === "barcodes") return (value as Schema<"Barcode">[]).map(({ barcode }) => barcode).join(", ");
            if (field === "attributes")
              return Object.entries(value as Record<string, string>)
                .map(([name, text]) => `${name}: ${text}`)
                .join(", ");
            return undefined;
          }}
        />
        <VariantFields product={product} variant={variant} />
      </Form>
    </Drawer>
  );
}

function VariantFields({ product, variant }: { product: Product; variant?: Variant }) {
  const { t } = useTranslation("products");
  const known = [variant, ...(product.variants ?? [])].map((one) => one?.price?.currency).find(Boolean);
  const currency = useCurrency(known);
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <TextInput name="sku" label={t("sku")} maxLength={100} isCode autoFocus={!variant} isRequired />
        <TextInput
          name="name"
          label={t("variant_name")}
          placeholder={t("variant_name_example")}
          maxLength={300}
          isRequired={false}
        />
        <MoneyInput name="price" label={t("price")} currency={currency} isRequired={false} />
        <MoneyInput name="cost" label={t("cost")} currency={currency} isRequired={false} />
      </div>
      <BarcodesField name="barcodes" label={t("barcodes")} />
      <AttributeRows />
      <fieldset className="grid gap-3">
        <legend className="mb-2 font-semibold">{t("measures")}</legend>
        <div className="grid grid-cols-2 gap-4">
          <QuantityInput name="weight_g" label={t("weight_g")} unit="g" isPositive isRequired={false} />
          <QuantityInput name="length_mm" label={t("length_mm")} unit="mm" isPositive isRequired={false} />
          <QuantityInput name="width_mm" label={t("width_mm")} unit="mm" isPositive isRequired={false} />
          <QuantityInput name="height_mm" label={t("height_mm")} unit="mm" isPositive isRequired={false} />
        </div>
      </fieldset>
    </>
  );
}

function AttributeRows() {
  const { t } = useTranslation("products");
  const { control } = useFormContext<VariantValues>();
  const { fields, append, remove } = useFieldArray({ control, name: "attributes" });
  const rows = useFocusAfterRemoval<HTMLFieldSetElement>(
    fields.map(({ id }) => id),
    (element) => element.querySelector(":scope > :last-child button"),
  );
  return (
    <fieldset ref={rows} className="grid gap-3">
      <legend className="mb-2 font-semibold">{t("attributes")}</legend>
      {fields.map((row, index) => (
        <div key={row.id} data-row={row.id} className="flex items-end gap-2">
          <div className="grid flex-1 grid-cols-2 gap-2">
            <TextInput name={`attributes.${index}.name`} label={t("attribute_name")} />
            <TextInput name={`attributes.${index}.value`} label={t("attribute_value")} />
          </div>
          <IconButton icon="trash-2" size="md" label={t("remove_attribute")} onPress={() => remove(index)} />
        </div>
      ))}
      <div>
        <Button
          size="sm"
          icon="plus"
          onPress={() => append({ name: "", value: "" }, { focusName: `attributes.${fields.length}.name` })}
        >
          {t("add_attribute")}
        </Button>
      </div>
    </fieldset>
  );
}
