/**
 * Takes articles one after the other, from a scanner (which types a code and Enter, faster than any list can open) or from
 * somebody who types a part of a name. Codes are looked up in their order while the field is free for the next.
 */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useDeferredValue, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asProblem } from "@/api";
import { Icon, IconButton, toast } from "@/ui";
import { type Article, findArticles, scanArticle } from "./variants";

interface Props {
  onArticle: (article: Article) => void;
  autoFocus?: boolean;
  isDisabled?: boolean;
}

export function ScanField({ onArticle, autoFocus, isDisabled }: Props) {
  const { t } = useTranslation("products");
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [misses, setMisses] = useState<string[]>([]);
  const [waiting, setWaiting] = useState(0);
  const queue = useRef<Promise<void>>(Promise.resolve());
  const text = useDeferredValue(typed.trim());
  const found = useQuery({
    queryKey: ["/api/v1/products", "articles", text],
    queryFn: ({ signal }) => findArticles(text, signal, "stocked"),
    enabled: isOpen && text.length > 0,
    placeholderData: keepPreviousData,
  });
  const options = text.length > 0 ? (found.data ?? []) : [];

  const choose = (article: Article) => {
    setTyped("");
    setOpen(false);
    setActive(-1);
    onArticle(article);
    input.current?.focus();
  };
  const scan = (code: string) => {
    setTyped("");
    setOpen(false);
    setWaiting((count) => count + 1);
    queue.current = queue.current
      .then(async () => {
        const article = (await scanArticle(code)) ?? (await onlyOne(code));
        if (article) onArticle(article);
        else setMisses((before) => [code, ...before.filter((one) => one !== code)].slice(0, 5));
      })
      .catch((thrown) => {
        // Nothing is lost: the code stands in the list of those that were not taken.
        setMisses((before) => [code, ...before.filter((one) => one !== code)].slice(0, 5));
        toast.problem(asProblem(thrown));
      })
      .finally(() => setWaiting((count) => count - 1));
  };
  const forgetMisses = () => {
    setMisses([]);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((at) => Math.min(Math.max(at + step, -1), options.length - 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const chosen = isOpen ? options[active] : undefined;
      if (chosen) choose(chosen);
      else if (typed.trim()) scan(typed.trim());
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setOpen(false);
      setActive(-1);
    }
  };
  const isShown = isOpen && text.length > 0;
  return (
    <div className="grid gap-2">
      <div className="relative">
        <Icon
          name={waiting > 0 ? "loader" : "scan-barcode"}
          className={`pointer-events-none absolute inset-y-0 start-3 z-10 my-auto size-5 text-muted ${waiting > 0 ? "animate-spin" : ""}`}
        />
        <input
          ref={input}
          role="combobox"
          aria-label={t("scan")}
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
          // biome-ignore lint/a11y/noAutofocus: whoever opens the form comes to scan
          autoFocus={autoFocus}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          dir="auto"
          enterKeyHint="done"
          data-shortcut="/"
          disabled={isDisabled}
          placeholder={t("scan")}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setOpen(true);
            setActive(-1);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => setOpen(false)}
          className="input h-11 ps-10"
        />
        {isShown && (
          <div
            id={`${id}-list`}
            role="listbox"
            aria-label={t("scan")}
            className="absolute inset-x-0 top-full z-20 mt-1 max-h-80 scrollbar overflow-y-auto rounded-xl bg-overlay p-1.5 shadow-overlay"
          >
            {options.map((article, index) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
              <div
                key={article.variantId}
                id={`${id}-${index}`}
                role="option"
                aria-selected={index === active}
                tabIndex={-1}
                // The field keeps the focus; a finger that scrolls chooses nothing.
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(article)}
                className={`flex cursor-pointer items-center justify-between gap-3 rounded-lg px-3 py-2 ${index === active ? "bg-accent-soft text-accent-soft-foreground" : "hover:bg-surface-secondary"}`}
              >
                <span className="person-text min-w-0 truncate">{article.name}</span>
                <span className="code-text shrink-0 text-xs text-muted">{article.sku}</span>
              </div>
            ))}
            {options.length === 0 && (
              <div
                role="option"
                aria-selected="false"
                aria-disabled="true"
                tabIndex={-1}
                className="px-3 py-2 text-muted"
              >
                {found.isFetching ? t("searching") : found.isError ? t("search_failed") : t("no_article")}
              </div>
            )}
          </div>
        )}
      </div>
      {misses.length > 0 && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg bg-warning-soft py-1 ps-3 pe-1 text-warning-soft-foreground"
        >
          <Icon name="triangle-alert" />
          <span>{t("not_found")}</span>
          <span className="code-text min-w-0 flex-1 truncate">{misses.join("  ")}</span>
          <IconButton icon="x" label={t("forget_misses")} onPress={forgetMisses} />
        </div>
      )}
    </div>
  );
}

/** Where words find one article and no other, it was meant. */
async function onlyOne(text: string): Promise<Article | undefined> {
  const [first, another] = await findArticles(text, undefined, "stocked");
  return another ? undefined : first;
}
