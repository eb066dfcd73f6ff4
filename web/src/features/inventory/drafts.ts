/** Forms that are not posted yet: kept in this tab, so that a reload or a look elsewhere loses nothing. */
import { useEffect } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";
import type { Level } from "./levels";
import type { PostingKind, PostingLine, PostingValues } from "./posting";

const name = (kind: PostingKind) => `nexus.draft.${kind}`;

export function readDraft(kind: PostingKind): Partial<PostingValues> | undefined {
  try {
    const kept = sessionStorage.getItem(name(kind));
    return kept ? JSON.parse(kept) : undefined;
  } catch {
    return undefined;
  }
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
}

/** Levels that were chosen in their list, as lines of a form; what was in it before goes. */
export function beginWith(kind: PostingKind, levels: Level[]) {
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
}
