/** A value of the log for people, whatever it is. */
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

export function Value({ value }: { value: unknown }) {
  const { t } = useTranslation("audit-logs");
  const formats = useFormats();
  if (value === undefined || value === null || value === "") return <span className="text-muted">{t("nothing")}</span>;
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (typeof value === "string") {
    if (UUID.test(value)) return <span className="code-text break-all">{value}</span>;
    return MOMENT.test(value) ? (
      formats.dateTime(value)
    ) : (
      <span className="person-text whitespace-pre-wrap break-words">{value}</span>
    );
  }
  if (Array.isArray(value))
    return value.length === 0 ? (
      <span className="text-muted">{t("nothing")}</span>
    ) : (
      <ul className="grid gap-0.5">
        {value.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a list that does not change
          <li key={index}>
            <Value value={one} />
          </li>
        ))}
      </ul>
    );
  if (typeof value !== "object") return <span className="tabular">{String(value)}</span>;
  if ("omitted_bytes" in value) return t("omitted", { size: formats.bytes(Number(value.omitted_bytes)) });
  return <Fields record={value as Record<string, unknown>} />;
}

function Fields({ record }: { record: Record<string, unknown> }) {
  return (
    <dl className="grid gap-0.5">
      {Object.entries(record).map(([field, value]) => (
        <div key={field} className="flex flex-wrap gap-x-2">
          <dt className="text-muted">{field.replaceAll("_", " ")}</dt>
          <dd className="min-w-0">
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
