/** Around every page of every area: notices, the log-in that returns, the state of the network. */
import { Outlet, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { RouterProvider } from "react-aria-components";
import { queue } from "@/ui/toast";
import { NetworkNotice } from "./NetworkNotice";
import { PagePending } from "./PagePending";
import { useSessionState } from "./useSessionState";

const Toasts = lazy(() => import("@/ui/Toasts"));
const SessionExpired = lazy(() => import("./SessionExpired"));

export function RootFrame() {
  const router = useRouter();
  const notices = useSyncExternalStore(watchNotices, hasNotices);
  const expired = useSessionState() === "expired";
  return (
    // Links inside controls (menus) stay within the application where they can.
    <RouterProvider
      navigate={(href) => {
        if (href.startsWith("/")) void router.navigate({ href });
        else location.assign(href);
      }}
    >
      <Suspense fallback={<PagePending />}>
        <Outlet />
      </Suspense>
      <NetworkNotice />
      {notices && (
        <Suspense fallback={null}>
          <Toasts />
        </Suspense>
      )}
      {expired && (
        <Suspense fallback={null}>
          <SessionExpired />
        </Suspense>
      )}
    </RouterProvider>
  );
}

const watchNotices = (watcher: () => void) => queue.subscribe(watcher);
const hasNotices = () => queue.visibleToasts.length > 0;
