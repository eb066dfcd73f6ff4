/**
 * The frame of the workspace and of the platform's administration: navigation at the side (a drawer on narrow screens),
 * the bar above, the page. The palette and the sheet of shortcuts are read when they are first asked for.
 */
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Drawer, Icon, IconButton } from "@/ui";
import { lazyPart } from "@/ui/lazy-part";
import { ErrorBoundary } from "../ErrorBoundary";
import { Logo } from "../Logo";
import { Optional } from "../Optional";
import { PagePending } from "../PagePending";
import { watchVisits } from "../palette/recent";
import type { NavItem } from "../registry";
import { Sidebar } from "./Sidebar";
import { useShortcuts } from "./useShortcuts";

const Palette = lazyPart(async () => (await import("../palette/Palette")).default);
const ShortcutSheet = lazyPart(async () => (await import("../palette/ShortcutSheet")).default);

interface Props {
  area: "workspace" | "operator";
  items: NavItem[];
  can: (permission: string) => boolean;
  /** At the head of the sidebar: which organization, or that it is the platform. */
  head: ReactNode;
  /** At the end of the bar. */
  account: ReactNode;
  /** Across the page: read-only, an unproved address. */
  banner?: ReactNode;
}

export function Shell({ area, items, can, head, account, banner }: Props) {
  const { t } = useTranslation("app");
  const [isOpen, setOpen] = useState(false);
  const [overlay, setOverlay] = useState<"palette" | "shortcuts" | undefined>();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: closed by going elsewhere
  useEffect(() => setOpen(false), [path]);
  useEffect(watchVisits, []);
  useShortcuts({
    area,
    can,
    isPaused: overlay !== undefined,
    openPalette: () => setOverlay("palette"),
    openSheet: () => setOverlay("shortcuts"),
  });

  return (
    <div className="flex h-dvh">
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-accent-foreground focus:not-sr-only focus:fixed focus:start-3 focus:top-3"
      >
        {t("shell.skip")}
      </a>
      <aside
        aria-label={t("shell.navigation")}
        className="hidden w-(--sidebar-width) shrink-0 flex-col border-e border-border bg-sidebar lg:flex"
      >
        <Sidebar items={items} can={can} head={head} />
      </aside>
      <Drawer isOpen={isOpen} onClose={() => setOpen(false)} title={t("shell.navigation")} size="sm" side="start">
        <div className="-mx-3 [--sidebar-active:var(--accent-soft)]">
          <Sidebar items={items} can={can} head={head} />
        </div>
      </Drawer>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="flex h-(--topbar-height) shrink-0 items-center gap-2 border-b border-border bg-surface px-3 sm:px-5">
          <span className="flex items-center gap-1 lg:hidden">
            <IconButton icon="menu" label={t("shell.navigation")} onPress={() => setOpen(true)} />
            <Link to={area === "operator" ? "/operator" : "/"} aria-label="Nexus">
              <Logo className="size-6" withName={false} />
            </Link>
          </span>
          <button
            type="button"
            onClick={() => setOverlay("palette")}
            className="ms-1 flex h-9 min-w-0 flex-1 items-center gap-2 rounded-lg border border-border bg-background px-3 text-muted hover:border-field-border sm:max-w-md"
          >
            <Icon name="search" />
            <span className="flex-1 truncate text-start">{t("shell.search")}</span>
            <kbd className="hidden rounded border border-border px-1.5 font-sans text-xs sm:inline">
              {isApple() ? "⌘K" : "Ctrl K"}
            </kbd>
          </button>
          <span className="hidden flex-1 sm:block" />
          {account}
        </header>
        {banner}
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 scrollbar overflow-y-auto outline-none">
          <ErrorBoundary key={path}>
            <Suspense fallback={<PagePending />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </main>
      </div>
      {overlay && (
        <Optional onFault={() => setOverlay(undefined)}>
          {overlay === "palette" && (
            <Palette
              area={area}
              can={can}
              openSheet={() => setOverlay("shortcuts")}
              onClose={() => setOverlay(undefined)}
            />
          )}
          {overlay === "shortcuts" && <ShortcutSheet area={area} can={can} onClose={() => setOverlay(undefined)} />}
        </Optional>
      )}
    </div>
  );
}

export function isApple(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.platform);
}
