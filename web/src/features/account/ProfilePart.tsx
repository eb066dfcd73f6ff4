/** Name, language, time zone. */
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, type Schema } from "@/api";
import { zAccountPatch } from "@/api/zod.gen";
import { changeLanguage, useFormats } from "@/i18n";
import { isLanguage } from "@/i18n/languages";
import { localeOption, timeZoneOption } from "@/i18n/regions";
import { Form } from "@/ui/form/Form";
import { TextInput } from "@/ui/form/fields";
import { RegionInput } from "@/ui/form/regions";
import { Section } from "@/ui/Page";
import { toast } from "@/ui/toast";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";
import { ACCOUNT_QUERIES, type Account } from "./account";

type Values = Schema<"AccountPatch"> & { display_name: string };
const schema = z.extend(zAccountPatch, { display_name: z.string().check(z.minLength(1), z.maxLength(200)) });

export function ProfilePart({ account }: { account: Account }) {
  const { t } = useTranslation("account");
  const { tag } = useFormats();
  const form = useEditForm<Values, Values, Account>({
    schema,
    current: account,
    toForm: ({ display_name, locale, time_zone }) => ({ display_name, locale, time_zone }),
    toBody: ({ display_name, locale, time_zone }) => ({ display_name, locale, time_zone }),
    invalidates: ACCOUNT_QUERIES,
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/account", { params: { header: { "If-Match": etag } }, body: patch as Partial<Values> }),
      ),
    onSuccess: async ({ locale }) => {
      const language = locale?.split("-")[0];
      if (isLanguage(language)) await changeLanguage(language);
      toast.success(t("saved"));
    },
  });
  const shown = { display_name: undefined, locale: localeOption, time_zone: timeZoneOption };
  return (
    <Section title={t("profile")} description={t("profile_text")}>
      <Form form={form} submitLabel={t("save")} submit={{ isDisabled: !form.isDirty }}>
        <EditConflict
          conflict={form.conflict}
          label={(field) => t(field)}
          show={(field, value) => shown[field]?.(String(value), tag).label}
        />
        <TextInput name="display_name" label={t("display_name")} maxLength={200} autoComplete="name" isRequired />
        <div className="grid gap-4 sm:grid-cols-2">
          <RegionInput
            kind="locale"
            name="locale"
            label={t("locale")}
            description={t("locale_hint")}
            placeholder={t("locale_default")}
          />
          <RegionInput kind="time_zone" name="time_zone" label={t("time_zone")} placeholder={t("time_zone_default")} />
        </div>
      </Form>
    </Section>
  );
}
