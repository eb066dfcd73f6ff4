/**
 * The frame of a page within the shell: where it is, what it is called, what can be done there, its parts.
 * The title is also the document's, and takes the focus when the page was reached by a link, so that it is read aloud.
 */
import { Link, type LinkProps } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "./icons";
import { useArrival } from "./useArrival";

export interface Crumb {
  label: string;
  link: LinkProps;
}

export interface PageTab {
  label: string;
  link: LinkProps;
  count?: number;
}

interface Props {
  title: string;
  /** Beside the title: a status, a code. */
  mark?: ReactNode;
  description?: ReactNode;
  breadcrumbs?: Crumb[];
  actions?: ReactNode;
  tabs?: PageTab[];
  /** Uses the whole height of the window for one scrolling part (a grid). */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, mark, description, breadcrumbs, actions, tabs, fill = false, children }: Props) {
  const { t } = useTranslation("ui");
  useEffect(() => {
    document.title = `${title} · Nexus`;
  }, [title]);
  const heading = useRef<HTMLHeadingElement>(null);
  useArrival(heading);
  return (
    <div
      className={`mx-auto flex w-full max-w-[90rem] flex-col px-4 py-5 sm:px-6 lg:px-8 ${fill ? "h-full min-h-0" : ""}`}
    >
      {breadcrumbs && breadcrumbs.length > 0 && (
        <nav aria-label={t("page.breadcrumbs")} className="mb-1.5">
          <ol className="flex flex-wrap items-center gap-1 text-muted">
            {breadcrumbs.map((crumb) => (
              <li key={crumb.label} className="flex items-center gap-1">
                <Link {...crumb.link} className="person-text rounded-sm hover:text-foreground hover:underline">
                  {crumb.label}
                </Link>
                <Icon name="chevron-right" className="size-3.5" />
              </li>
            ))}
          </ol>
        </nav>
      )}
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 ref={heading} tabIndex={-1} className="person-text text-2xl font-semibold break-words outline-none">
              {title}
            </h1>
            {mark}
          </div>
          {description && <p className="mt-1 max-w-prose text-pretty text-muted">{description}</p>}
        </div>
        {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {tabs && (
        <nav aria-label={t("page.parts")} className="mt-4 -mb-px scrollbar-none overflow-x-auto border-b border-border">
          <ul className="flex gap-5">
            {tabs.map((tab) => (
              <li key={tab.label}>
                <Link
                  activeOptions={{ exact: true, includeSearch: false }}
                  {...tab.link}
                  className="inline-flex items-center gap-1.5 border-b-2 border-transparent py-2 font-medium whitespace-nowrap text-muted hover:text-foreground"
                  activeProps={{ className: "!border-accent !text-foreground" }}
                >
                  {tab.label}
                  {tab.count !== undefined && (
                    <span className="rounded-full bg-surface-tertiary px-1.5 text-xs text-foreground tabular">
                      {tab.count}
                    </span>
                  )}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      )}
      <div className={`mt-5 ${fill ? "flex min-h-0 flex-1 flex-col" : ""}`}>{children}</div>
    </div>
  );
}

/** A part of a page on a surface of its own. */
export function Section({
  title,
  description,
  actions,
  children,
  flush = false,
}: {
  title?: string;
  description?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** Without padding inside: for lists and grids that reach the edges. */
  flush?: boolean;
}) {
  return (
    <section className="overflow-clip rounded-xl border border-border bg-surface shadow-surface">
      {(title || actions) && (
        <div className={`flex flex-wrap items-start justify-between gap-3 px-4 pt-4 sm:px-5 ${flush ? "pb-3" : ""}`}>
          <div>
            {title && <h2 className="text-base font-semibold">{title}</h2>}
            {description && <p className="mt-0.5 text-pretty text-muted">{description}</p>}
          </div>
          {actions}
        </div>
      )}
      <div className={flush ? "" : "p-4 sm:p-5"}>{children}</div>
    </section>
  );
}
