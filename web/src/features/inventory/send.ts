/** Posts what is in a form. */
import { type ApiProblem, answer, api, asProblem, type Schema, type WriteContext } from "@/api";
import { countOf, movementsOf, type PostingKind, type PostingValues, transferOf } from "./posting";

export interface Sent {
  /** Nothing where nothing differed. */
  posting: Schema<"PostingOut"> | undefined;
}

export async function send(kind: PostingKind, values: PostingValues, { key }: WriteContext): Promise<Sent> {
  const params = { header: { "Idempotency-Key": key } };
  if (kind === "transfer") return posted(api.POST("/api/v1/inventory/transfer", { params, body: transferOf(values) }));
  if (kind !== "count") return posted(api.POST("/api/v1/stock-movements", { params, body: movementsOf(values) }));
  const { body, lines } = countOf(values);
  if (body.lines.length === 0) return { posting: undefined };
  return posted(api.POST("/api/v1/inventory/adjust", { params, body })).catch((thrown) => {
    // Lines that are as expected were not sent: which of the form's each refused one is.
    throw Object.assign(asProblem(thrown), { lines }) as ApiProblem;
  });
}

type Answered = Parameters<typeof answer<{ data: Schema<"PostingOut"> }>>[0];

async function posted(sent: Answered): Promise<Sent> {
  return { posting: (await answer(sent)).data };
}
