/**
 * A problem, for the person it happened to: what went wrong in their language, what to do about it, its code and the id of
 * the request to quote, a way to try again.
 */
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api";
import { Button } from "./Button";
import { Icon } from "./icons";
import { useProblemText } from "./problem-text";
import { toast } from "./toast";

export function ErrorPanel({
  error,
  onRetry,
  compact = false,
  isPage = false,
}: {
  error: unknown;
  onRetry?: () => void;
  compact?: boolean;
  /** It is the page: its title is the page's and the document's. */
  isPage?: boolean;
}) {
  const { t } = useTranslation("ui");
  const text = useProblemText()(error);
  const problem = asProblem(error);
  const Title = isPage ? "h1" : "p";
  useEffect(() => {
    if (isPage) document.title = `${text.title} · Nexus`;
  }, [isPage, text.title]);
  const report = [problem.code, problem.requestId].filter(Boolean).join(" · ");
  const copy = () => {
    const lines = [problem.code, problem.message, problem.requestId, location.href, new Date().toISOString()];
    navigator.clipboard
      .writeText(lines.filter(Boolean).join("\n"))
      .then(() => toast.show({ title: t("error.copied") }));
  };
  return (
    <div
      role="alert"
      className={`flex gap-3 rounded-xl border border-danger/30 bg-danger-soft text-danger-soft-foreground ${compact ? "p-3" : "p-4"}`}
    >
      <Icon name="circle-alert" className="mt-0.5 size-5" />
      <div className="min-w-0 flex-1">
        <Title className="font-semibold">{text.title}</Title>
        {text.advice && <p className="mt-0.5 text-pretty">{text.advice}</p>}
        <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1.5">
          {onRetry && (
            <Button size="sm" icon="refresh-cw" onPress={onRetry}>
              {t("error.retry")}
            </Button>
          )}
          <Button size="sm" variant="ghost" icon="copy" onPress={copy}>
            {t("error.copy")}
          </Button>
          <span className="code-text min-w-0 text-xs break-all select-all">{report}</span>
        </div>
      </div>
    </div>
  );
}
