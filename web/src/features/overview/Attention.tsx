/** What needs somebody now; that nothing does is said, too. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { useFormats } from "@/i18n";
import { Icon, Section, Skeleton } from "@/ui";
import { type Concern, concernsOf } from "./attention";

export function Attention({ overview }: { overview: Schema<"OverviewOut"> | undefined }) {
  const { t } = useTranslation("overview");
  if (!overview) return <Skeleton className="h-24 rounded-xl" />;
  const concerns = concernsOf(overview);
  if (concerns.length === 0)
    return (
      <p role="status" className="flex items-center gap-3 rounded-xl bg-success-soft p-4 text-success-soft-foreground">
        <Icon name="circle-check" className="size-5" />
        {t("calm")}
      </p>
    );
  return (
    <Section title={t("attention")} flush>
      <ul className="divide-y divide-separator border-t border-separator">
        {concerns.map((concern) => (
          <li key={concern.id}>
            <Row concern={concern} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Row({ concern }: { concern: Concern }) {
  const { t } = useTranslation("overview");
  const formats = useFormats();
  const { id, count, names, grave, link } = concern;
  const body = (
    <>
      <span
        className={`inline-flex size-8 shrink-0 items-center justify-center rounded-lg ${grave ? "bg-danger-soft text-danger-soft-foreground" : "bg-warning-soft text-warning-soft-foreground"}`}
      >
        <Icon name={grave ? "circle-alert" : "triangle-alert"} className="size-4.5" />
      </span>
      <span className="min-w-0 flex-1 text-pretty">{t(`concerns.${id}`, { count, names: formats.list(names) })}</span>
      {link && <Icon name="chevron-right" className="size-4 text-muted" />}
    </>
  );
  const look = "flex items-center gap-3 px-4 py-3 sm:px-5";
  if (!link) return <p className={look}>{body}</p>;
  return (
    <Link {...link} className={`${look} font-medium hover:bg-surface-secondary`}>
      {body}
    </Link>
  );
}
