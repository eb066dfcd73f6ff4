/** One person of the organization: what they hold, what that lets them do, and what can be done about it. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageGate, useCan, useMe } from "@/app/access";
import { Badge, Copyable, ErrorPanel, Facts, Moment, Page, Section, Skeleton, StatusBadge } from "@/ui";
import { useRoleNames } from "../roles/words";
import { EffectivePermissions } from "./EffectivePermissions";
import { type User, userQuery } from "./people";
import { RemoveDialog } from "./RemoveDialog";
import { UserMenu } from "./UserMenu";
import { UserRolesForm } from "./UserRolesForm";
import { useMayTouch } from "./useMayTouch";
import { useUserActions } from "./useUserActions";

export function UserPage() {
  return (
    <PageGate permission="users.read">
      <Loaded />
    </PageGate>
  );
}

function Loaded() {
  const { t } = useTranslation("users");
  const { userId } = useParams({ from: "/workspace/users/$userId" });
  const { data, error, refetch } = useQuery(userQuery(userId));
  if (data) return <Person user={data.data} />;
  return (
    <Page title={t("title")} breadcrumbs={[{ label: t("title"), link: { to: "/users" } }]}>
      {error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <Skeleton className="h-72 rounded-xl" />}
    </Page>
  );
}

function Person({ user }: { user: User }) {
  const { t } = useTranslation("users");
  const can = useCan();
  const isOwn = useMe().user?.id === user.id;
  const mayTouch = useMayTouch()(user) && user.status !== "removed";
  const roleName = useRoleNames();
  const actions = useUserActions();
  const [isRemoving, setRemoving] = useState(false);
  return (
    <Page
      title={user.display_name}
      mark={
        <>
          <StatusBadge status={user.status} />
          {isOwn && <Badge tone="accent">{t("you")}</Badge>}
        </>
      }
      description={<span dir="ltr">{user.email}</span>}
      breadcrumbs={[{ label: t("title"), link: { to: "/users" } }]}
      actions={mayTouch && <UserMenu user={user} actions={actions} onRemove={() => setRemoving(true)} isOpen />}
    >
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid gap-5">
          <Section title={t("roles")} description={t("roles_text")}>
            {mayTouch ? (
              <UserRolesForm key={`${user.id}:${user.version}`} user={user} />
            ) : (
              <p dir="auto" className="person-text">
                {user.roles.map(roleName).join(", ") || t("no_roles")}
              </p>
            )}
          </Section>
          {can("roles.read") && <EffectivePermissions roles={user.roles} />}
        </div>
        <Section title={t("details")}>
          <Details user={user} />
        </Section>
      </div>
      {isRemoving && <RemoveDialog user={user} remove={actions.remove} onClose={() => setRemoving(false)} />}
    </Page>
  );
}

function Details({ user }: { user: User }) {
  const { t } = useTranslation("users");
  const can = useCan();
  const at = (label: string, moment: string | null | undefined) =>
    moment ? { label, value: <Moment at={moment} exact /> } : undefined;
  return (
    <>
      <Facts
        facts={[
          at(t("added"), user.created_at),
          at(t("invited_at"), user.invited_at),
          at(t("joined_at"), user.joined_at),
          at(user.status === "removed" ? t("removed_at") : t("deactivated_at"), user.deactivated_at),
          { label: t("id"), value: <Copyable text={user.id} label={t("id")} isWrapped />, isLong: true },
        ]}
      />
      {can("audit_logs.read") && (
        <p className="mt-4 grid gap-1.5 border-t border-separator pt-4">
          <Link to="/audit-logs" search={{ actor_id: user.id }} className="text-link underline">
            {t("did")}
          </Link>
          <Link to="/audit-logs" search={{ subject_id: user.id }} className="text-link underline">
            {t("about")}
          </Link>
        </p>
      )}
    </>
  );
}
