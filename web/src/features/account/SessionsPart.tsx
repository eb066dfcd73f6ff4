/** Where one is logged in; each can be ended, and all others at once. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, useWrite } from "@/api";
import { useFormats } from "@/i18n";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Moment } from "@/ui/data/Timeline";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { Icon } from "@/ui/icons";
import { Section } from "@/ui/Page";
import { SkeletonText } from "@/ui/Skeleton";
import { toast } from "@/ui/toast";
import { useFocusAfterRemoval } from "@/ui/useFocusAfterRemoval";
import { type LogIn, logInsOf } from "./log-ins";

const SESSIONS = ["/api/v1/sessions"];

export function SessionsPart() {
  const { t } = useTranslation("account");
  const [isAsking, setAsking] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: SESSIONS,
    queryFn: async ({ signal }) =>
      (await answer(api.GET("/api/v1/sessions", { params: { query: { limit: 200 } }, signal }))).data,
  });
  const endOthers = useWrite({
    send: () => answer(api.DELETE("/api/v1/sessions")),
    invalidates: [SESSIONS],
    onSuccess: () => {
      setAsking(false);
      toast.success(t("others_ended"));
    },
    onError: toast.problem,
  });
  const logIns = data && logInsOf(data);
  const list = useFocusAfterRemoval<HTMLUListElement>(logIns?.map(({ session }) => session.id) ?? []);
  return (
    <Section
      title={t("sessions")}
      description={t("sessions_text")}
      actions={
        logIns &&
        logIns.length > 1 && (
          <Button size="sm" icon="log-out" onPress={() => setAsking(true)}>
            {t("end_others")}
          </Button>
        )
      }
      flush
    >
      {error && !data && (
        <div className="p-4">
          <ErrorPanel error={error} onRetry={() => void refetch()} compact />
        </div>
      )}
      {!data && !error && (
        <div className="p-4">
          <SkeletonText lines={4} />
        </div>
      )}
      <ul ref={list} className="divide-y divide-separator border-t border-separator">
        {logIns?.map((logIn) => (
          <Row key={logIn.session.id} logIn={logIn} />
        ))}
      </ul>
      <Dialog
        isOpen={isAsking}
        role="alertdialog"
        size="sm"
        onClose={() => setAsking(false)}
        title={t("end_others_title")}
        footer={
          <>
            <Button variant="ghost" onPress={() => setAsking(false)}>
              {t("cancel")}
            </Button>
            <Button variant="danger" isPending={endOthers.isPending} onPress={() => endOthers.mutate()}>
              {t("end_others")}
            </Button>
          </>
        }
      >
        <p className="text-pretty text-muted">{t("end_others_text")}</p>
      </Dialog>
    </Section>
  );
}

function Row({ logIn: { session, organizations, lastUsedAt, isCurrent } }: { logIn: LogIn }) {
  const { t } = useTranslation("account");
  const formats = useFormats();
  const { family, system, network } = session.client;
  const device = family && system ? t("on", { family, system }) : (family ?? system ?? t("unknown_device"));
  const end = useWrite({
    send: () => answer(api.DELETE("/api/v1/sessions/{id}", { params: { path: { id: session.id } } })),
    invalidates: [SESSIONS],
    onSuccess: () => toast.success(t("ended", { device })),
    onError: toast.problem,
  });
  return (
    <li data-row={session.id} className="flex items-start gap-3 px-4 py-3.5 sm:px-5">
      <Icon name="monitor" className="mt-0.5 size-5 text-muted" />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-medium">
          {device}
          {isCurrent && <Badge tone="success">{t("current")}</Badge>}
        </p>
        <p className="text-xs text-muted">
          {t("last_used")} <Moment at={lastUsedAt} /> · {t("begun")} <Moment at={session.created_at} exact />
          {network && (
            <>
              {" · "}
              <span className="code-text">{network}</span>
            </>
          )}
        </p>
        {organizations.length > 0 && (
          <p dir="auto" className="person-text text-xs text-muted">
            {t("in", { organizations: formats.list(organizations) })}
          </p>
        )}
      </div>
      {!isCurrent && (
        <Button size="sm" isPending={end.isPending} aria-label={t("end_name", { device })} onPress={() => end.mutate()}>
          {t("end")}
        </Button>
      )}
    </li>
  );
}
