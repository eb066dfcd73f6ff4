/** The providers around every page: queries, the language for controls, and the router. */
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode, useEffect } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useFormats } from "@/i18n";
import { startMessages } from "@/ui/form/messages";
import { queries, router } from "./router";

startMessages();

export function App() {
  const { tag } = useFormats();
  useEffect(() => {
    // A new version was deployed and old chunks are gone: load the page anew, once.
    const reload = (event: Event) => {
      event.preventDefault();
      if (sessionStorage.getItem("nexus.reloaded") === "1") return;
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
