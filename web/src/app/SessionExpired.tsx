/**
 * The session has ended while somebody was at work. The page stays as it is: they log in again (in another tab, since
 * log-in lives on the apex), and whatever was refused goes on by itself.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { sessionState, site } from "@/api";
import { Button, ButtonAnchor } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { meQuery, operatorQuery, sessionQuery, whoIsHere } from "./session";

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
  const queries = useQueryClient();
  // Logged in elsewhere on this host: another tab tells it, and coming back to this one asks.
  useEffect(() => {
    const look = async () => {
      const person = await whoIsHere();
      if (!person) return;
      // Nothing on this page is another person's to see or to send.
      if (!sessionState.restore(person)) return location.reload();
      for (const { queryKey } of [meQuery, sessionQuery, operatorQuery]) void queries.invalidateQueries({ queryKey });
    };
    const lookWhenSeen = () => void (document.visibilityState === "visible" && look());
    const stopListening = sessionState.onArrival(() => void look());
    document.addEventListener("visibilitychange", lookWhenSeen);
    return () => {
      stopListening();
      document.removeEventListener("visibilitychange", lookWhenSeen);
    };
  }, [queries]);
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
