/** The providers around every page: queries, the language for controls, and the router. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useEffect } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useFormats } from "@/i18n";
import { type AppRouter, queries } from "./router";

export function App({ router }: { router: AppRouter }) {
  const { tag } = useFormats();
  useEffect(() => {
    // A part of the console that can't be read: a new version took its place, or the network is away. Only the former is
    // mended by loading the page anew, once.
    const reload = async () => {
      if (!navigator.onLine || sessionStorage.getItem("nexus.reloaded") === "1") return;
      if (!(await isOutdated())) return;
      sessionStorage.setItem("nexus.reloaded", "1");
      location.reload();
    };
    addEventListener("vite:preloadError", reload);
    // It runs: the next time may load anew again.
    const timer = setTimeout(() => sessionStorage.removeItem("nexus.reloaded"), 10_000);
    return () => {
      removeEventListener("vite:preloadError", reload);
      clearTimeout(timer);
    };
  }, []);
  return (
    <StrictMode>
      <I18nProvider locale={tag}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>
  );
}

/** Whether the page that the server has now begins with another script than this one did. */
async function isOutdated(): Promise<boolean> {
  const script = document.querySelector<HTMLScriptElement>('script[type="module"][src]')?.getAttribute("src");
  const page = await fetch("/", { cache: "no-store" }).then(
    (response) => (response.ok ? response.text() : undefined),
    () => undefined,
  );
  return page !== undefined && script != null && !page.includes(script);
}
