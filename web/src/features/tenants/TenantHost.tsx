/** The address of a tenant's workspace; a link where somebody can get in. */
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useSite } from "@/app/session";
import { Icon } from "@/ui";

const OPEN = new Set(["active", "read_only"]);

export function TenantHost({ tenant }: { tenant: Schema<"TenantOut"> }) {
  const { t } = useTranslation("tenants");
  const apex = useSite()?.apexOrigin ?? location.origin;
  const home = new URL(apex);
  home.hostname = `${tenant.slug}.${home.hostname}`;
  if (!OPEN.has(tenant.state)) return <span className="code-text break-all">{home.host}</span>;
  return (
    <a
      href={home.origin}
      target="_blank"
      rel="noreferrer"
      className="inline-flex items-center gap-1.5 text-link underline underline-offset-2"
    >
      <span className="code-text break-all">{home.host}</span>
      <Icon name="external-link" className="size-3.5" />
      <span className="sr-only">{t("new_tab")}</span>
    </a>
  );
}
