/** The stream of what happens to an operation on a tenant: `step` for each change of a step, last `operation`. */
import { api } from "./client";
import { events, type ServerEvent } from "./stream";

interface Options {
  signal: AbortSignal;
  /** Beside the cookies: the capability of who founded. */
  headers?: Record<string, string> | undefined;
}

/** Nothing where no stream is to be had: proxies that hold answers back, too many streams, all told already. */
export async function operationEvents(
  id: string,
  { signal, headers }: Options,
): Promise<AsyncGenerator<ServerEvent> | undefined> {
  const { response, data } = await api.GET("/api/v1/operations/{id}/events", {
    params: { path: { id } },
    headers: { Accept: "text/event-stream", ...headers },
    parseAs: "stream",
    signal,
  });
  if (!response.ok || response.status === 204 || data == null) return undefined;
  return events(data as unknown as ReadableStream<Uint8Array>);
}
