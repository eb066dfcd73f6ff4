/** Around every page of every area: notices, the log-in that returns, the state of the network. */
import { Outlet, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useSyncExternalStore } from "react";
import { RouterProvider } from "react-aria-components";
import { queue } from "@/ui/toast";
import { untilRead } from "@/ui/until-read";
import { NetworkNotice } from "./NetworkNotice";
import { Optional } from "./Optional";
import { PagePending } from "./PagePending";
import { useSessionState } from "./useSessionState";

const readToasts = () => untilRead(() => import("@/ui/Toasts"));
const readSessionExpired = () => untilRead(() => import("./SessionExpired"));
const Toasts = lazy(readToasts);
const SessionExpired = lazy(readSessionExpired);

export function RootFrame() {
  const router = useRouter();
  const notices = useSyncExternalStore(watchNotices, hasNotices);
  const expired = useSessionState() === "expired";
  // They are wanted when something goes wrong: be ready before the network is what goes wrong.
  useEffect(() => {
    const timer = setTimeout(() => void Promise.all([readToasts(), readSessionExpired()]), 4_000);
    return () => clearTimeout(timer);
  }, []);
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
        <Optional>
          <Toasts />
        </Optional>
      )}
      {expired && (
        <Optional>
          <SessionExpired />
        </Optional>
      )}
    </RouterProvider>
  );
}

const watchNotices = (watcher: () => void) => queue.subscribe(watcher);
const hasNotices = () => queue.visibleToasts.length > 0;
