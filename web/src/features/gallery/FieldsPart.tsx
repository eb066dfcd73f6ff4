/** Fields, filled and faulty, and a form made from a schema of the contract. */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { zLocationIn } from "@/api/zod.gen";
import {
  CheckboxInput,
  CheckListInput,
  ComboboxInput,
  FileDrop,
  Form,
  MoneyInput,
  PasswordInput,
  QuantityInput,
  RegionInput,
  SchemaForm,
  SelectInput,
  SwitchInput,
  TextAreaInput,
  TextInput,
  toast,
  useApiForm,
} from "@/ui";

const sample = z.object({
  name: z.string().check(z.minLength(3)),
  email: z.email(),
  password: z.string().check(z.minLength(10)),
  kind: z.string(),
  quantity: z.string(),
  price: z.optional(z.object({ amount: z.string(), currency: z.string() })),
  product: z.optional(z.string()),
  notes: z.optional(z.string()),
  active: z.boolean(),
  newsletter: z.boolean(),
  kinds: z.array(z.string()),
  time_zone: z.optional(z.string()),
});

export function FieldsPart() {
  const { t } = useTranslation("gallery");
  const [file, setFile] = useState<File>();
  const form = useApiForm({
    schema: sample,
    defaults: {
      name: "Ad",
      email: "ada@example.com",
      kind: "goods",
      quantity: "1234.5",
      price: { amount: "12.5", currency: "EUR" },
      active: true,
      newsletter: true,
      kinds: ["goods"],
      time_zone: "Europe/Vienna",
    },
    send: async (values) => values,
    onSuccess: () => toast.success(t("moved")),
  });
  const { trigger } = form.fields;
  useEffect(() => void trigger(["name"]), [trigger]);
  return (
    <Form form={form} submitLabel={t("primary")}>
      <TextInput name="name" label={t("name")} description={t("name_hint")} isRequired />
      <TextInput name="email" label={t("email")} type="email" isRequired />
      <PasswordInput name="password" label={t("password")} autoComplete="new-password" isRequired />
      <SelectInput
        name="kind"
        label={t("kind")}
        choices={[
          { id: "goods", label: t("goods"), description: t("goods_hint") },
          { id: "service", label: t("service") },
        ]}
      />
      <CheckListInput
        name="kinds"
        label={t("kind")}
        choices={[
          { id: "goods", label: t("goods"), description: t("goods_hint") },
          { id: "service", label: t("service") },
        ]}
      />
      <RegionInput kind="time_zone" name="time_zone" label={t("time_zone")} />
      <div className="grid gap-4 sm:grid-cols-2">
        <QuantityInput name="quantity" label={t("quantity")} unit="kg" isPositive />
        <MoneyInput name="price" label={t("price")} currency="EUR" />
      </div>
      <ComboboxInput
        name="product"
        label={t("product")}
        isRequired={false}
        queryKey={["gallery", "products"]}
        load={async (text) =>
          ["Espresso beans", "Green tea", "Filter paper"]
            .filter((label) => label.toLowerCase().includes(text.toLowerCase()))
            .map((label) => ({ id: label, label, detail: label.slice(0, 3).toUpperCase() }))
        }
      />
      <TextAreaInput name="notes" label={t("notes")} isRequired={false} rows={2} />
      <CheckboxInput name="newsletter" label={t("newsletter")} />
      <SwitchInput name="active" label={t("active")} />
      <FileDrop
        label={t("file")}
        hint={t("file_hint")}
        accept={[".csv", ".xlsx"]}
        maxBytes={50_000_000}
        file={file}
        onChange={setFile}
      />
    </Form>
  );
}

export function SchemaFormPart() {
  const { t } = useTranslation("gallery");
  const form = useApiForm({
    schema: z.pick(zLocationIn, { code: true, name: true }),
    defaults: { code: "", name: "" },
    send: async (values) => values,
    onSuccess: () => toast.success(t("moved")),
  });
  return (
    <SchemaForm
      form={form}
      submitLabel={t("primary")}
      fields={[
        { kind: "text", name: "code", label: t("sku"), isCode: true, isHalf: true, isRequired: true },
        { kind: "text", name: "name", label: t("name"), isHalf: true, isRequired: true },
      ]}
    />
  );
}
