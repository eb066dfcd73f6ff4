/** Around the pages of one's own account: who it is, the way back, and the account itself once it is there. */
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { sessionState } from "@/api";
import { Logo } from "@/app/Logo";
import { Preferences } from "@/app/Preferences";
import { ButtonAnchor, ButtonLink } from "@/ui/Button";
import { ErrorPanel } from "@/ui/ErrorPanel";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { useAccountSession } from "../organizations/useAccountSession";
import { type Account, accountQuery } from "./account";

export function AccountFrame({ children }: { children: (account: Account) => ReactNode }) {
  const { t } = useTranslation("account");
  const { organization } = useSearch({ strict: false });
  const { account: known, memberships, problem, retry } = useAccountSession();
  const isKnown = known !== undefined && known !== null;
  const person = known?.id;
  useEffect(() => {
    if (person) sessionState.begin(person);
  }, [person]);
  const account = useQuery({ ...accountQuery, enabled: isKnown });
  const from = memberships?.find(({ slug }) => slug === organization);
  const error = problem ?? account.error;
  return (
    <div className="min-h-dvh">
      <header className="flex flex-wrap items-center justify-between gap-3 border-b border-border bg-surface px-4 py-2.5 sm:px-6">
        <Link to="/organizations" aria-label="Nexus">
          <Logo />
        </Link>
        <Preferences />
      </header>
      <main id="content" className="mx-auto max-w-4xl">
        <Page
          title={t("title")}
          description={known && <span className="code-text">{known.email}</span>}
          actions={
            from ? (
              <ButtonAnchor href={from.url} icon="arrow-left">
                {t("back_to", { organization: from.name })}
              </ButtonAnchor>
            ) : (
              <ButtonLink to="/organizations" icon="building-2">
                {t("organizations")}
              </ButtonLink>
            )
          }
          tabs={[
            { label: t("profile"), link: { to: "/account", search: true } },
            { label: t("security"), link: { to: "/account/security", search: true } },
          ]}
        >
          {error && !account.data && (
            <ErrorPanel error={error} onRetry={() => (problem ? retry() : void account.refetch())} />
          )}
          {!account.data && !error && (
            <div className="grid gap-5" aria-busy="true">
              <Skeleton className="h-40 rounded-xl" />
              <Skeleton className="h-64 rounded-xl" />
            </div>
          )}
          {account.data && <div className="grid gap-5">{children(account.data)}</div>}
        </Page>
      </main>
    </div>
  );
}
