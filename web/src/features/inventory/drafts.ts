/** Forms that are not posted yet: kept in this tab, so that a reload or a look elsewhere loses nothing. */
import { useEffect } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";
import type { Level } from "./levels";
import type { PostingKind, PostingLine, PostingValues } from "./posting";

const PUT = "nexus.draft.put";
const name = (kind: PostingKind) => `nexus.draft.${kind}`;

export function readDraft(kind: PostingKind): Partial<PostingValues> | undefined {
  try {
    const kept = sessionStorage.getItem(name(kind));
    return kept ? JSON.parse(kept) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a draft in place of what there is, also in the form where that is open. */
export function putDraft(kind: PostingKind, draft: Partial<PostingValues>) {
  sessionStorage.setItem(name(kind), JSON.stringify(draft));
  dispatchEvent(new CustomEvent(PUT, { detail: kind }));
}

export function forgetDraft(kind: PostingKind) {
  sessionStorage.removeItem(name(kind));
}

/** Keeps what is in a form, as long as it has lines. */
export function useDraft<In extends FieldValues>(kind: PostingKind, form: UseFormReturn<In>) {
  useEffect(
    () =>
      form.subscribe({
        formState: { values: true },
        callback: ({ values }) => {
          const lines = (values as Partial<PostingValues>).lines ?? [];
          if (lines.length > 0) sessionStorage.setItem(name(kind), JSON.stringify(values));
          else forgetDraft(kind);
        },
      }),
    [kind, form],
  );
  useEffect(() => {
    const read = (event: Event) => {
      if ((event as CustomEvent<PostingKind>).detail !== kind) return;
      form.reset({ ...form.getValues(), ...(readDraft(kind) as Partial<In>) });
    };
    addEventListener(PUT, read);
    return () => removeEventListener(PUT, read);
  }, [kind, form]);
}

/** Levels that were chosen in their list, as lines of a form; what was in it before goes, and is told. */
export function beginWith(kind: PostingKind, levels: Level[]): Partial<PostingValues> | undefined {
  const before = readDraft(kind);
  const [first] = levels;
  const oneLocation = levels.every(({ location_id }) => location_id === first?.location_id);
  const lines = levels.map(
    (level): PostingLine => ({
      variant_id: level.variant_id,
      sku: level.sku,
      name: level.variant_name ? `${level.product_name} · ${level.variant_name}` : level.product_name,
      unit: level.unit,
      quantity: "",
      ...(oneLocation ? {} : { location_id: level.location_id, location: level.location }),
      expected: level.on_hand,
    }),
  );
  sessionStorage.setItem(name(kind), JSON.stringify({ location_id: first?.location_id, lines }));
  return before?.lines?.length ? before : undefined;
}
