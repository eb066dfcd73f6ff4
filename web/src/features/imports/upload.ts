/** Sends a file: to see what would come of it, or to import it. */
import { answer, api, type Schema, type WriteContext } from "@/api";
import type { ImportKind } from "./kinds";
import { type ImportOptions, mappingOf } from "./mapping";
import type { Source } from "./source";

export interface Upload {
  source: Source;
  options: ImportOptions;
  isDryRun: boolean;
  /** Leaves wrong rows out; otherwise one of them keeps everything out. */
  skipInvalid: boolean;
  /** A file that was imported before is imported once more. */
  again: boolean;
}

export interface Accepted {
  jobId: string;
  /** Nothing was started: an earlier job has imported this file. */
  isKnown: boolean;
}

const PATHS = { products: "/api/v1/products/import", "stock-movements": "/api/v1/stock-movements/import" } as const;

export async function upload(kind: ImportKind, input: Upload, { key }: WriteContext): Promise<Accepted> {
  const { source, options, isDryRun, skipInvalid, again } = input;
  const { data, status } = await answer(
    api.POST(PATHS[kind], {
      params: {
        header: { "Idempotency-Key": key },
        query: { dry_run: isDryRun || undefined, again: again || undefined },
      },
      body: { file: source.file.name } satisfies Schema<"ImportForm">,
      bodySerializer: () => {
        const form = new FormData();
        form.set("mapping", JSON.stringify(mappingOf(kind, options)));
        form.set("encoding", source.encoding);
        form.set("skip_invalid", String(skipInvalid));
        form.set("file", source.file);
        return form;
      },
    }),
  );
  return { jobId: data.id, isKnown: status === 200 };
}
