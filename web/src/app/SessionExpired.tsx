/**
 * The session has ended while somebody was at work. The page stays as it is: they log in again (in another tab, since
 * log-in lives on the apex), and whatever was refused goes on by itself.
 */
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { sessionState, site } from "@/api";
import { Button, ButtonAnchor } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { checkSession } from "./session";

export default function SessionExpired() {
  const { t } = useTranslation("app");
  const [href, setHref] = useState("/log-in");
  useEffect(() => {
    if (location.pathname.startsWith("/operator")) return setHref("/operator/log-in?again=1");
    site().then(({ apexOrigin, slug }) => {
      const url = new URL("/log-in", apexOrigin);
      if (slug) url.searchParams.set("organization", slug);
      url.searchParams.set("again", "1");
      setHref(url.href);
    });
  }, []);
  // Logged in elsewhere on this host: another tab tells it, and coming back to this one asks.
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") checkSession().then((alive) => alive && sessionState.restore());
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return (
    <Dialog
      isOpen
      isRequired
      role="alertdialog"
      size="sm"
      onClose={() => undefined}
      title={t("expired.title")}
      footer={
        <>
          <Button variant="ghost" onPress={() => sessionState.dismiss()}>
            {t("expired.later")}
          </Button>
          <ButtonAnchor variant="primary" href={href} target="_blank" rel="opener">
            {t("expired.log_in")}
          </ButtonAnchor>
        </>
      }
    >
      <p className="text-pretty text-muted">{t("expired.text")}</p>
    </Dialog>
  );
}
