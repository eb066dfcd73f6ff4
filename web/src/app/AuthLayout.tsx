/** The frame of the public screens: what is asked at the start, what Nexus is at the end (where there is room). */
import { Boxes, Database, ShieldCheck } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Logo } from "./Logo";
import { Preferences } from "./Preferences";

interface Props {
  title: string;
  description?: ReactNode;
  children: ReactNode;
  /** Below the form: the other way in. */
  footer?: ReactNode;
  isWide?: boolean;
  /** What stands here waits for an answer. */
  isBusy?: boolean;
}

const POINTS = [
  { id: "stock", Drawn: Boxes },
  { id: "people", Drawn: ShieldCheck },
  { id: "yours", Drawn: Database },
] as const;

export function AuthLayout({ title, description, children, footer, isWide = false, isBusy = false }: Props) {
  const { t } = useTranslation("app");
  useEffect(() => {
    document.title = `${title} · Nexus`;
  }, [title]);
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)] xl:grid-cols-[minmax(0,1fr)_minmax(0,32rem)]">
      <div className="flex min-w-0 flex-col">
        <header className="flex items-center justify-between gap-3 px-4 py-4 sm:px-8">
          <a href="/" aria-label="Nexus">
            <Logo />
          </a>
          <Preferences />
        </header>
        <main className="flex flex-1 items-center justify-center px-4 pt-4 pb-14 sm:px-8">
          <div className={`w-full ${isWide ? "max-w-xl" : "max-w-sm"}`}>
            <h1 className="text-2xl font-semibold">{title}</h1>
            {description && <div className="mt-1.5 text-pretty text-muted">{description}</div>}
            <div className="mt-6" aria-busy={isBusy}>
              {children}
            </div>
            {footer && <div className="mt-6 border-t border-separator pt-5 text-muted">{footer}</div>}
          </div>
        </main>
      </div>
      <aside className="brand-lines hidden bg-brand-panel text-brand-panel-foreground lg:flex lg:flex-col lg:justify-center lg:p-12 xl:p-16">
        <p className="text-3xl leading-tight font-semibold text-balance">{t("brand.claim")}</p>
        <ul className="mt-10 grid gap-7">
          {POINTS.map(({ id, Drawn }) => (
            <li key={id} className="flex gap-4">
              <Drawn aria-hidden="true" className="mt-0.5 size-5 shrink-0" strokeWidth={1.75} />
              <div>
                <p className="font-semibold">{t(`brand.${id}`)}</p>
                <p className="mt-0.5 text-pretty text-brand-panel-muted">{t(`brand.${id}_text`)}</p>
              </div>
            </li>
          ))}
        </ul>
      </aside>
    </div>
  );
}
