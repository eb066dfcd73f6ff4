/** Somebody changed what was being edited: before, yours, now, and what to do about it. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button, DiffTable, Icon } from "@/ui";
import { same } from "./patch";
import type { Conflict } from "./useEditForm";

interface Props<Body extends object> {
  conflict: Conflict<Body> | undefined;
  /** Name of a field, for people. */
  label: (field: keyof Body & string) => string;
  /** A value, for people; texts and numbers need nothing. */
  show?: (field: keyof Body & string, value: unknown) => ReactNode;
}

export function EditConflict<Body extends object>({ conflict, label, show }: Props<Body>) {
  const { t } = useTranslation("editing");
  if (!conflict) return null;
  const { before, yours, now } = conflict;
  const fields = [...new Set([...Object.keys(before), ...Object.keys(yours), ...Object.keys(now)])] as (keyof Body &
    string)[];
  const concerned = fields.filter((field) => !same(before[field], yours[field]) || !same(before[field], now[field]));
  const shown = (field: keyof Body & string, value: unknown): ReactNode => {
    if (value === undefined || value === null || value === "")
      return <span className="text-muted">{t("nothing")}</span>;
    return show?.(field, value) ?? plain(value);
  };
  return (
    <section
      role="alert"
      className="grid gap-3 rounded-xl border border-warning bg-warning-soft p-4 text-warning-soft-foreground"
    >
      <div className="flex gap-3">
        <Icon name="triangle-alert" className="mt-0.5 size-5" />
        <div>
          <p className="font-semibold">{t("title")}</p>
          <p className="text-pretty">{t("text")}</p>
        </div>
      </div>
      <div className="rounded-lg bg-surface text-foreground">
        <DiffTable
          label={t("differences")}
          columns={[t("before"), t("yours"), t("now")]}
          rows={concerned.map((field) => ({
            field: label(field),
            values: [shown(field, before[field]), shown(field, yours[field]), shown(field, now[field])],
            differs: !same(yours[field], now[field]),
          }))}
        />
      </div>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" isPending={conflict.isPending} onPress={conflict.keepYours}>
          {t("keep_yours")}
        </Button>
        <Button isDisabled={conflict.isPending} onPress={conflict.takeNow}>
          {t("take_now")}
        </Button>
      </div>
    </section>
  );
}

function plain(value: unknown): ReactNode {
  if (Array.isArray(value)) return value.map(plain).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : <span className="person-text">{String(value)}</span>;
}
