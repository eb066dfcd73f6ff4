/** The barcodes of a variant: scanned or typed, one after the other. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type FieldProps, Tag, useField, useFocusAfterRemoval } from "@/ui";
import { FieldFrame } from "@/ui/form/fields";
import { type Barcode, barcodeOf } from "./barcode";

const MOST = 20;

export function BarcodesField({ name, label, description, isDisabled }: FieldProps) {
  const { t } = useTranslation("products");
  const field = useField<Barcode[]>(name);
  const codes = field.value ?? [];
  const [typed, setTyped] = useState("");
  const root = useFocusAfterRemoval<HTMLDivElement>(
    codes.map(({ barcode }) => barcode),
    (element) => element.querySelector("input"),
  );
  const add = () => {
    const barcode = barcodeOf(typed);
    if (barcode.barcode === "") return;
    if (!codes.some((one) => one.barcode === barcode.barcode)) field.onChange([...codes, barcode]);
    setTyped("");
  };
  return (
    <div ref={root} className="grid gap-2">
      <FieldFrame label={label} description={description} fault={field.fault} isRequired={false}>
        {(control) => (
          <input
            {...control}
            ref={field.ref}
            value={typed}
            dir="ltr"
            maxLength={80}
            autoComplete="off"
            disabled={isDisabled || codes.length >= MOST}
            placeholder={t("barcode_hint")}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={() => {
              add();
              field.onBlur();
            }}
            onKeyDown={(event) => {
              // A scanner ends with Enter, which must not send the form.
              if (event.key !== "Enter") return;
              event.preventDefault();
              add();
            }}
            className="input font-mono rtl:text-end"
          />
        )}
      </FieldFrame>
      {codes.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {codes.map(({ barcode }) => (
            <li key={barcode} data-row={barcode}>
              <Tag
                removeLabel={t("remove_barcode", { barcode })}
                onRemove={() => field.onChange(codes.filter((one) => one.barcode !== barcode))}
              >
                {barcode}
              </Tag>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
