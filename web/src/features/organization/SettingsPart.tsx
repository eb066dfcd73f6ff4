/** How the organization writes and reckons: language, currency, time zone. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { answer, api, type Schema } from "@/api";
import { zSettingsPatch } from "@/api/zod.gen";
import { useCan } from "@/app/access";
import { useFormats } from "@/i18n";
import { currencyOption, localeOption, timeZoneOption } from "@/i18n/regions";
import { ErrorPanel, Facts, Form, RegionInput, Section, SkeletonText, toast } from "@/ui";
import { EditConflict } from "../editing/EditConflict";
import { useEditForm } from "../editing/useEditForm";

type Settings = Schema<"SettingsOut">;
type Values = Required<Schema<"SettingsPatch">>;
const zSettings = z.required(zSettingsPatch);
const OPTIONS = { locale: localeOption, currency: currencyOption, time_zone: timeZoneOption };
const FIELDS = ["locale", "currency", "time_zone"] as const;

export function SettingsPart() {
  const { t } = useTranslation("organization");
  const can = useCan();
  const { data, error, refetch } = useQuery({
    queryKey: ["/api/v1/settings"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/settings", { signal })),
  });
  return (
    <Section title={t("settings")} description={t("settings_text")}>
      {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
      {!data && !error && <SkeletonText lines={6} />}
      {data && (can("settings.write") ? <SettingsForm settings={data.data} /> : <Shown settings={data.data} />)}
    </Section>
  );
}

function Shown({ settings }: { settings: Settings }) {
  const { t } = useTranslation("organization");
  const { tag } = useFormats();
  return (
    <Facts facts={FIELDS.map((field) => ({ label: t(field), value: OPTIONS[field](settings[field], tag).label }))} />
  );
}

function SettingsForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation("organization");
  const { tag } = useFormats();
  const toForm = ({ locale, currency, time_zone }: Settings): Values => ({ locale, currency, time_zone });
  const form = useEditForm<Values, Values, Settings>({
    schema: zSettings,
    current: settings,
    toForm,
    toBody: ({ locale, currency, time_zone }) => ({ locale, currency, time_zone }),
    invalidates: [["/api/v1/settings"], ["me"]],
    send: (patch, etag) =>
      answer(
        api.PATCH("/api/v1/settings", { params: { header: { "If-Match": etag } }, body: patch as Partial<Values> }),
      ),
    onSuccess: () => void toast.success(t("saved")),
  });
  return (
    <Form form={form} submitLabel={t("save")} submit={{ isDisabled: !form.isDirty }}>
      <EditConflict
        conflict={form.conflict}
        label={(field) => t(field)}
        show={(field, value) => OPTIONS[field](String(value), tag).label}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((field) => (
          <RegionInput key={field} kind={field} name={field} label={t(field)} description={t(`${field}_hint`)} />
        ))}
      </div>
    </Form>
  );
}
