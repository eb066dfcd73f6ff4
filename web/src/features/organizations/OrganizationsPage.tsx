/** The organizations that somebody belongs to: choose where to go. */
import { useQueryClient } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { answer, api, sessionState, useWrite } from "@/api";
import { AuthLayout } from "@/app/AuthLayout";
import { leave } from "@/app/leave";
import { StatusBadge } from "@/ui/Badge";
import { Button, ButtonLink } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { Icon } from "@/ui/icons";
import { Skeleton } from "@/ui/Skeleton";
import { handOver } from "../auth/hand-over";
import { Notice } from "../auth/Notice";
import { useAccountSession } from "./useAccountSession";

/** States in which an organization can be entered; what else it may be is said beside it. */
const OPEN = new Set(["active", "read_only"]);

export function OrganizationsPage() {
  const { t } = useTranslation("organizations");
  const { refused } = useSearch({ from: "/public/organizations" });
  const queries = useQueryClient();
  const { account, memberships, problem, retry } = useAccountSession();
  const go = useWrite<string>({ send: (slug) => handOver(slug) });
  const logOut = useWrite({
    send: () => answer(api.DELETE("/api/v1/auth/session")),
    onSuccess: () => {
      sessionState.end();
      queries.clear();
      leave("/log-in");
    },
  });
  return (
    <AuthLayout
      isBusy={!memberships && !problem}
      title={t("title")}
      description={account && t("as", { email: account.email })}
      footer={
        <div className="flex flex-wrap justify-between gap-2">
          <ButtonLink to="/organizations/new" icon="plus" size="sm">
            {t("new")}
          </ButtonLink>
          <Button variant="ghost" size="sm" icon="log-out" isPending={logOut.isPending} onPress={() => logOut.mutate()}>
            {t("log_out")}
          </Button>
        </div>
      }
    >
      <div className="grid gap-3">
        {refused && <Notice tone="warning">{t("refused", { organization: refused })}</Notice>}
        {(problem || go.error || logOut.error) && (
          <ErrorPanel error={problem ?? go.error ?? logOut.error} onRetry={problem ? retry : undefined} compact />
        )}
        {!memberships && !problem && [0, 1].map((row) => <Skeleton key={row} className="h-16 rounded-xl" />)}
        {memberships?.length === 0 && (
          <EmptyState icon="building-2" title={t("none")}>
            {t("none_text")}
          </EmptyState>
        )}
        <ul className="grid gap-2">
          {memberships?.map((one) => {
            const isOpen = OPEN.has(one.state);
            const isGoing = go.isPending && go.variables === one.slug;
            return (
              <li key={one.organization_id}>
                <button
                  type="button"
                  disabled={!isOpen || go.isPending}
                  onClick={() => go.mutate(one.slug)}
                  className="flex w-full items-center gap-3 rounded-xl border border-border bg-surface p-3 text-start shadow-surface hover:border-accent disabled:cursor-not-allowed disabled:hover:border-border"
                >
                  <span
                    aria-hidden="true"
                    className="inline-flex size-10 shrink-0 items-center justify-center rounded-lg bg-brand-panel text-lg font-semibold text-brand-panel-foreground"
                  >
                    {[...one.name][0]?.toUpperCase()}
                  </span>
                  <span className="min-w-0 flex-1">
                    <span dir="auto" className="person-text block truncate font-semibold">
                      {one.name}
                    </span>
                    <span className="code-text block truncate text-xs text-muted">{one.slug}</span>
                  </span>
                  {one.state !== "active" && <StatusBadge status={one.state} />}
                  {isOpen && (
                    <Icon
                      name={isGoing ? "loader" : "chevron-right"}
                      className={`size-4 text-muted ${isGoing ? "animate-spin" : ""}`}
                    />
                  )}
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </AuthLayout>
  );
}
