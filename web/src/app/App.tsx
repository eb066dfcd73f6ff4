/** The providers around every page: queries, the language for controls, and the router. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useEffect } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useFormats } from "@/i18n";
import { forgetReload, reloadOnce } from "./reload";
import { type AppRouter, queries } from "./router";

export function App({ router }: { router: AppRouter }) {
  const { tag } = useFormats();
  useEffect(() => {
    const reload = () => void reloadOnce();
    addEventListener("vite:preloadError", reload);
    const timer = setTimeout(forgetReload, 10_000);
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
