/** The variants of a new product, one row each: most products have one. */
import { useFieldArray, useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { Button, IconButton, MoneyInput, TextInput, useFocusAfterRemoval } from "@/ui";
import { BarcodesField } from "./BarcodesField";

type ProductIn = Schema<"ProductIn">;

export const NEW_VARIANT: Schema<"VariantIn"> = { sku: "", name: "", barcodes: [] };

export function VariantRows({ currency }: { currency: string }) {
  const { t } = useTranslation("products");
  const { control } = useFormContext<ProductIn>();
  const { fields, append, remove } = useFieldArray({ control, name: "variants" });
  const several = fields.length > 1;
  const rows = useFocusAfterRemoval<HTMLDivElement>(
    fields.map(({ id }) => id),
    (element) => element.querySelector(":scope > :last-child button"),
  );
  return (
    <div ref={rows} className="grid gap-4">
      {fields.map((row, index) => (
        <fieldset
          key={row.id}
          // The only one has nothing that takes it away.
          data-row={several ? row.id : undefined}
          className={several ? "rounded-lg border border-border p-4" : ""}
        >
          <legend className="sr-only">{t("variant_number", { number: index + 1 })}</legend>
          <div className="grid grid-cols-1 gap-4 sm:grid-cols-2">
            <TextInput name={`variants.${index}.sku`} label={t("sku")} maxLength={100} isCode isRequired />
            {several ? (
              <div className="flex items-end gap-2">
                <div className="flex-1">
                  <TextInput
                    name={`variants.${index}.name`}
                    label={t("variant_name")}
                    placeholder={t("variant_name_example")}
                    isRequired={false}
                  />
                </div>
                <IconButton
                  icon="trash-2"
                  size="md"
                  label={t("remove_variant_row", { number: index + 1 })}
                  onPress={() => remove(index)}
                />
              </div>
            ) : (
              <BarcodesField name={`variants.${index}.barcodes`} label={t("barcodes")} />
            )}
            <MoneyInput name={`variants.${index}.price`} label={t("price")} currency={currency} isRequired={false} />
            <MoneyInput name={`variants.${index}.cost`} label={t("cost")} currency={currency} isRequired={false} />
            {several && (
              <div className="sm:col-span-2">
                <BarcodesField name={`variants.${index}.barcodes`} label={t("barcodes")} />
              </div>
            )}
          </div>
        </fieldset>
      ))}
      <div>
        <Button
          icon="plus"
          isDisabled={fields.length >= 200}
          onPress={() => append(NEW_VARIANT, { focusName: `variants.${fields.length}.sku` })}
        >
          {t("add_variant")}
        </Button>
      </div>
    </div>
  );
}
