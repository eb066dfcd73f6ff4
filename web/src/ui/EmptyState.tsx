/** Nothing to show, and why: nothing is there yet (say what to do), or nothing matches (offer to look wider). */
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { Icon, type IconName } from "./icons";

interface Props {
  icon?: IconName;
  title: string;
  children?: ReactNode;
  /** Buttons: the first step. */
  actions?: ReactNode;
  /** It is the page: its title is the page's and the document's. */
  isPage?: boolean;
}

export function EmptyState({ icon = "inbox", title, children, actions, isPage = false }: Props) {
  useEffect(() => {
    if (isPage) document.title = `${title} · Nexus`;
  }, [isPage, title]);
  const Title = isPage ? "h1" : "h2";
  return (
    <div className="mx-auto flex max-w-md flex-col items-center px-4 py-12 text-center">
      <span className="mb-4 inline-flex size-12 items-center justify-center rounded-2xl bg-accent-soft text-accent-soft-foreground">
        <Icon name={icon} className="size-6" />
      </span>
      <Title className="text-base font-semibold">{title}</Title>
      {children && <div className="mt-1 text-pretty text-muted">{children}</div>}
      {actions && <div className="mt-5 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

/** A search or filter found nothing; `onClear` takes it away. */
export function NoMatch({ onClear }: { onClear?: () => void }) {
  const { t } = useTranslation("ui");
  return (
    <EmptyState
      icon="search"
      title={t("empty.no_match")}
      actions={onClear && <Button onPress={onClear}>{t("empty.clear")}</Button>}
    >
      {t("empty.no_match_hint")}
    </EmptyState>
  );
}
