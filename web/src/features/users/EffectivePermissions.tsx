/** What somebody's roles come to: every permission with the roles that allow it, and those that outweigh them by denying it. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorPanel, Icon, Section, SkeletonText, Switch } from "@/ui";
import { matrixQuery, type Standing, standingOf } from "../roles/matrix";
import { useRoleNames, useRoleWords } from "../roles/words";

export function EffectivePermissions({ roles }: { roles: string[] }) {
  const { t } = useTranslation("users");
  const words = useRoleWords();
  const { data, error, refetch } = useQuery(matrixQuery);
  const [isWhole, setWhole] = useState(false);
  const groups = (data?.groups ?? [])
    .map((group) => ({
      ...group,
      rows: group.permissions
        .map((permission) => ({ permission, standing: standingOf(permission, roles) }))
        .filter(({ standing }) => isWhole || standing.isAllowed || standing.deniedBy.length > 0),
    }))
    .filter(({ rows }) => rows.length > 0);
  return (
    <Section
      title={t("effective")}
      description={t("effective_text")}
      actions={<Switch label={t("show_all")} isOn={isWhole} onChange={setWhole} />}
      flush
    >
      <div className="px-4 pb-5 sm:px-5">
        {error && !data && <ErrorPanel error={error} onRetry={() => void refetch()} compact />}
        {!data && !error && <SkeletonText lines={6} />}
        {data && groups.length === 0 && <p className="text-muted">{t("effective_none")}</p>}
        {groups.map((group) => (
          <section key={group.key} aria-label={words.groupName(group)} className="mt-4 first:mt-0">
            <h3 className="font-semibold">{words.groupName(group)}</h3>
            <ul className="mt-1 divide-y divide-separator">
              {group.rows.map(({ permission, standing }) => (
                <li key={permission.key} className="flex items-start gap-2.5 py-2">
                  <Icon
                    name={standing.isAllowed ? "circle-check" : standing.deniedBy.length > 0 ? "ban" : "minus"}
                    className={`mt-0.5 size-4 ${standing.isAllowed ? "text-success" : "text-muted"}`}
                  />
                  <div className="min-w-0">
                    <p className={standing.isAllowed ? "" : "text-muted"}>{words.permissionName(permission)}</p>
                    <p className="text-xs text-muted">
                      <Why standing={standing} />
                    </p>
                  </div>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </Section>
  );
}

function Why({ standing: { allowedBy, deniedBy } }: { standing: Standing }) {
  const { t } = useTranslation("users");
  const roleName = useRoleNames();
  const named = (keys: string[]) => keys.map(roleName).join(", ");
  if (deniedBy.length > 0) return t("denied_by", { roles: named(deniedBy) });
  return allowedBy.length > 0 ? t("allowed_by", { roles: named(allowedBy) }) : t("allowed_by_none");
}
