/** What a key may do: permissions of the person who makes it, as far as a key can have them, by area. */
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { Button, CheckList, ErrorPanel, SkeletonText, useField } from "@/ui";
import { matrixQuery } from "../roles/matrix";
import { useRoleWords } from "../roles/words";

export function ScopesField({ name }: { name: string }) {
  const { t } = useTranslation("api-keys");
  const words = useRoleWords();
  const can = useCan();
  const id = useId();
  const field = useField<string[]>(name);
  const { data, error, refetch } = useQuery(matrixQuery);
  if (error && !data) return <ErrorPanel error={error} onRetry={() => void refetch()} compact />;
  if (!data) return <SkeletonText lines={6} />;
  const groups = data.groups
    .map((group) => ({
      ...group,
      permissions: group.permissions.filter((permission) => permission.is_scope && can(permission.key)),
    }))
    .filter(({ permissions }) => permissions.length > 0);
  const every = groups.flatMap(({ permissions }) => permissions.map(({ key }) => key));
  const value = field.value ?? [];
  const note = field.fault ? `${id}-note` : undefined;
  return (
    <fieldset aria-describedby={note} aria-invalid={field.isInvalid || undefined} className="grid min-w-0 gap-3">
      <legend className="label float-start w-full pb-1">{t("scopes")}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <p className="flex-1 text-xs text-pretty text-muted">{t("scopes_hint")}</p>
        <Button size="sm" variant="ghost" onPress={() => field.onChange(every.filter((key) => key.endsWith(".read")))}>
          {t("scopes_read")}
        </Button>
        <Button size="sm" variant="ghost" onPress={() => field.onChange([])}>
          {t("scopes_none")}
        </Button>
      </div>
      {field.fault && (
        <p id={note} aria-live="polite" className="text-xs text-danger">
          {field.fault}
        </p>
      )}
      {groups.map((group, index) => {
        const own = group.permissions.map(({ key }) => key);
        return (
          <CheckList
            key={group.key}
            label={words.groupName(group)}
            choices={group.permissions.map((permission) => ({
              id: permission.key,
              label: words.permissionName(permission),
            }))}
            value={value.filter((scope) => own.includes(scope))}
            onChange={(chosen) => field.onChange([...value.filter((scope) => !own.includes(scope)), ...chosen])}
            focusRef={index === 0 ? field.ref : undefined}
          />
        );
      })}
    </fieldset>
  );
}
