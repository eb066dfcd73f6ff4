/** One form for everything that posts several articles at once: scan or search them, say how many, post them as one. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useRef, useState } from "react";
import { useFieldArray } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Schema } from "@/api";
import { Button, EmptyState, Form, Section, toast, useApiForm, useFocusAfterRemoval } from "@/ui";
import { findStockLocations } from "../locations/find";
import { ScanField } from "../products/ScanField";
import { type Article, scanArticle } from "../products/variants";
import { readStockAgain, useUndo } from "../stock-movements/undo";
import { forgetDraft, putDraft, readDraft, useDraft } from "./drafts";
import { HeadFields } from "./HeadFields";
import { LineRow } from "./LineRow";
import { levelAtQuery } from "./levelAt";
import {
  changesOf,
  fieldOf,
  indexOf,
  leftOver,
  lineOf,
  oneMore,
  type PostingKind,
  type PostingValues,
  schemas,
  shortagesOf,
} from "./posting";
import { type Sent, send } from "./send";

const LAST_LOCATION = "nexus.stock.location";
const DEFAULT_WAY = { receive: "supplier", issue: "customer", transfer: undefined, count: undefined };

export function PostingForm({ kind }: { kind: PostingKind }) {
  const { t } = useTranslation("inventory");
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const { sku } = useSearch({ strict: false }) as { sku?: string };
  const [changed, setChanged] = useState<ReadonlyMap<number, string>>(new Map());
  const [latest, setLatest] = useState<string>();

  const form = useApiForm<PostingValues, Sent>({
    schema: schemas[kind],
    defaults: {
      location_id: localStorage.getItem(LAST_LOCATION) ?? undefined,
      way: DEFAULT_WAY[kind],
      reference_type: kind === "issue" ? "order" : "delivery_note",
      reference_number: "",
      note: "",
      lines: [],
      ...readDraft(kind),
    },
    fieldOf,
    send: (values, context) => send(kind, values, context),
    onSuccess: ({ posting }, values) => {
      if (values.location_id) localStorage.setItem(LAST_LOCATION, values.location_id);
      forgetDraft(kind);
      setChanged(new Map());
      const { location_id, to_location_id, way, reference_type } = values;
      form.fields.reset({
        location_id,
        to_location_id,
        way,
        reference_type,
        reference_number: "",
        note: "",
        lines: leftOver(kind, form.fields.getValues("lines"), values.lines),
      });
      if (!posting) return toast.success(t("as_expected"));
      told(posting);
      void readStockAgain(queries);
    },
  });
  const { control, setValue, setError } = form.fields;
  const { fields, append, remove } = useFieldArray({ control, name: "lines" });
  useDraft(kind, form.fields);

  const told = (posting: Schema<"PostingOut">) =>
    toast.success(t(`posted.${kind}`, { count: posting.movements.length }), {
      undo: undo(posting),
      action: {
        label: t("show"),
        run: () => void navigate({ to: "/stock-movements", search: { batch_id: posting.id } }),
      },
    });

  // What the server says of single lines stands at them.
  const refusal = form.write.error;
  useEffect(() => {
    if (!refusal) return;
    let isFirst = true;
    const mark = (line: number, message: string) => {
      setError(`lines.${line}.quantity`, { type: refusal.code, message }, { shouldFocus: isFirst });
      isFirst = false;
    };
    const sent = refusal as typeof refusal & { lines?: number[] };
    const at = (line: number) => sent.lines?.[line] ?? line;
    for (const [line, available] of shortagesOf(refusal)) mark(at(line), t("only_available", { quantity: available }));
    const now = new Map([...changesOf(refusal)].map(([line, quantity]) => [at(line), quantity]));
    for (const [line, quantity] of now) {
      setValue(`lines.${line}.expected`, quantity);
      mark(line, t("changed_meanwhile", { quantity }));
    }
    setChanged(now);
  }, [refusal, setError, setValue, t]);

  // The one place there is needs no choice.
  const only = useQuery({
    queryKey: ["/api/v1/locations", "options", ""],
    queryFn: ({ signal }) => findStockLocations("", signal),
    staleTime: 60_000,
  }).data;
  useEffect(() => {
    const [first, another] = only ?? [];
    if (first && !another && !form.fields.getValues("location_id")) setValue("location_id", first.id);
  }, [only, setValue, form.fields]);

  const values = form.fields;
  const add = useCallback(
    async (article: Article) => {
      const lines = values.getValues("lines");
      const at = indexOf(lines, article);
      setLatest(article.variantId);
      if (at >= 0)
        return setValue(`lines.${at}.quantity`, oneMore(lines[at]?.quantity), {
          shouldDirty: true,
          shouldValidate: true,
        });
      const place = values.getValues("location_id");
      const line = lineOf(article, kind === "count" ? "" : "1");
      if (kind === "count" && place) {
        const level = await queries.fetchQuery({ ...levelAtQuery(article.variantId, place), staleTime: 0 });
        line.expected = level.onHand;
      }
      // Whoever scans goes on scanning; the newest is in sight.
      append(line, { shouldFocus: kind === "count" });
    },
    [values, setValue, append, kind, queries],
  );

  // Came from an article's page.
  const begun = useRef(false);
  useEffect(() => {
    if (!sku || begun.current) return;
    begun.current = true;
    scanArticle(sku)
      .then((article) => article && add(article))
      // Once: neither a reload nor the way back means one more.
      .then(() => navigate({ to: ".", search: {}, replace: true }))
      .catch(toast.problem);
  }, [sku, add, navigate]);

  const empty = () => {
    const before = structuredClone(values.getValues());
    remove();
    toast.success(t("lines_removed", { count: before.lines.length }), {
      undo: () => putDraft(kind, { ...before, lines: [...before.lines, ...(readDraft(kind)?.lines ?? [])] }),
    });
  };

  const rows = useFocusAfterRemoval<HTMLDivElement>(
    fields.map(({ id }) => id),
    scanFieldIn,
  );
  const hasPlace = Boolean(values.watch("location_id"));
  return (
    <Form form={form} className="grid gap-5">
      <Section>
        <HeadFields kind={kind} isPlaceFixed={kind === "count" && fields.length > 0} />
      </Section>
      <Section title={t("lines")} description={t(`lines_text.${kind}`)}>
        <div ref={rows}>
          <ScanField
            autoFocus={hasPlace}
            isDisabled={kind === "count" && !hasPlace}
            onArticle={(one) => void add(one).catch(toast.problem)}
          />
          {fields.length === 0 ? (
            <EmptyState icon="scan-barcode" title={t("no_lines")}>
              {kind === "count" && !hasPlace ? t("place_first") : t("no_lines_text")}
            </EmptyState>
          ) : (
            <ul className="mt-3 divide-y divide-separator">
              {fields.map((line, index) => (
                <LineRow
                  key={line.id}
                  id={line.id}
                  kind={kind}
                  index={index}
                  isLatest={line.variant_id === latest}
                  changedTo={changed.get(index)}
                  onRemove={() => remove(index)}
                />
              ))}
            </ul>
          )}
        </div>
      </Section>
      <div className="sticky bottom-0 -mx-4 flex items-center justify-end gap-3 border-t border-border bg-background/95 px-4 py-3 backdrop-blur sm:mx-0 sm:px-0">
        <p className="me-auto text-muted" aria-live="polite">
          {t("line_count", { count: fields.length })}
        </p>
        {fields.length > 0 && (
          <Button
            variant="ghost"
            onPress={() => {
              empty();
              if (rows.current) scanFieldIn(rows.current)?.focus();
            }}
          >
            {t("empty_lines")}
          </Button>
        )}
        <Button type="submit" variant="primary" isPending={form.write.isPending} isDisabled={fields.length === 0}>
          {t(`submit.${kind}`)}
        </Button>
      </div>
    </Form>
  );
}

function scanFieldIn(element: HTMLElement): HTMLElement | null {
  return element.querySelector('[role="combobox"]');
}
