/** How many tenants are in each state: as a bar, and as words that lead to them. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { EmptyState, Section, SkeletonText, StatusBadge, statusTone } from "@/ui";
import { STATES } from "../tenants/states";

const COLORS = {
  success: "bg-success",
  info: "bg-accent",
  warning: "bg-warning",
  danger: "bg-danger",
  accent: "bg-accent",
  neutral: "bg-field-border",
};

export function TenantStates({ tenants }: { tenants: Record<string, number> | undefined }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  if (!tenants)
    return (
      <Section title={t("states")}>
        <SkeletonText lines={4} />
      </Section>
    );
  const known: string[] = [...STATES];
  const order = [...known, ...Object.keys(tenants).filter((state) => !known.includes(state))];
  const shown = order.flatMap((state) => (tenants[state] ? [{ state, count: tenants[state] }] : []));
  if (shown.length === 0)
    return (
      <Section title={t("states")}>
        <EmptyState icon="building-2" title={t("no_tenants")} />
      </Section>
    );
  return (
    <Section title={t("states")} flush>
      <div aria-hidden="true" className="mx-4 mb-3 flex h-2.5 gap-0.5 overflow-hidden rounded-full sm:mx-5">
        {shown.map(({ state, count }) => (
          <span key={state} className={`min-w-1 ${COLORS[statusTone(state)]}`} style={{ flexGrow: count }} />
        ))}
      </div>
      <ul className="divide-y divide-separator border-t border-separator">
        {shown.map(({ state, count }) => (
          <li key={state}>
            <Link
              to="/operator/tenants"
              search={{ state }}
              className="flex items-center justify-between gap-3 px-4 py-2 hover:bg-surface-secondary sm:px-5"
            >
              <StatusBadge status={state} />
              <span className="font-medium tabular">{formats.number(count)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}
