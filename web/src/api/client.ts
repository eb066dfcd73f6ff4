/**
 * The one client of the API: typed by docs/openapi.json, with what every request of the console needs.
 *
 * - Cookies of this host and `X-Console: 1`, which the server wants with them.
 * - A bound on time, a longer one for uploads; event streams and downloads set their own.
 * - 401: renew the session once and repeat; where that fails, wait until the person has logged in again (session-state.ts).
 * - Every refusal is thrown as an `ApiProblem`.
 */
import createClient, { type Client } from "openapi-fetch";
import { ApiProblem, asProblem, problemOf, TIMED_OUT } from "./problem";
import { renewed } from "./refresh";
import type { paths } from "./schema.gen";
import { sessionState } from "./session-state";

const TIME_OUT_MS = 30_000;
/** The server bounds uploads by how fast they come. */
const UPLOAD_TIME_OUT_MS = 3_600_000;
const OPERATOR = "/api/v1/admin/";
/** Sends a request of the console; the answer is as it came, refusals included. */
export async function consoleFetch(request: Request): Promise<Response> {
  request.headers.set("X-Console", "1");
  const again = request.clone();
  const sentAt = Date.now();
  let response = await bounded(request);
  if (response.status !== 401 || request.headers.has("Authorization") || isAboutCredentials(request)) return response;
  // A page without a session asks for a renewal only where the server says that there is something to renew.
  const active = sessionState.get() !== "none";
  if (!active && (await codeOf(response)) !== "REFRESH_REQUIRED") return response;

  const route = new URL(request.url).pathname.startsWith(OPERATOR) || operatorPage() ? "admin/auth" : "auth";
  const renew = async () => dropped(await bounded(post(`/api/v1/${route}/session/refresh`))).ok;
  let renewal = await renewed(sentAt, renew);
  if (renewal === "elsewhere") {
    const repeatedAt = Date.now();
    dropped(response);
    response = await bounded(again.clone());
    if (response.status !== 401) return response;
    renewal = await renewed(repeatedAt, renew);
  }
  if (renewal === "refused") {
    if (!active) return response;
    await sessionState.expire();
  }
  dropped(response);
  return bounded(again);
}

/** Nobody reads it: its connection is not kept until the bound on time ends it. It may have been given up already. */
function dropped(response: Response): Response {
  response.body?.cancel().catch(() => undefined);
  return response;
}

function post(path: string): Request {
  return new Request(new URL(path, location.origin), { method: "POST", headers: { "X-Console": "1" } });
}

async function codeOf(response: Response): Promise<unknown> {
  const body = await response
    .clone()
    .json()
    .catch(() => undefined);
  return body?.error?.code;
}

/** Refusals of these are about what was typed or brought: there is nothing to renew. */
function isAboutCredentials(request: Request): boolean {
  const { pathname } = new URL(request.url);
  return (
    request.method === "POST" &&
    /^\/api\/v1\/(auth|admin\/auth|signup)(\/|$)/.test(pathname) &&
    !pathname.endsWith("/hand-over")
  );
}

/** The operators' area uses their own session for every route it calls. */
function operatorPage(): boolean {
  return location.pathname === "/operator" || location.pathname.startsWith("/operator/");
}

async function bounded(request: Request): Promise<Response> {
  if (request.headers.get("Accept")?.includes("text/event-stream")) return fetch(request);
  const isUpload = request.headers.get("Content-Type")?.startsWith("multipart/form-data");
  const timer = AbortSignal.timeout(isUpload ? UPLOAD_TIME_OUT_MS : TIME_OUT_MS);
  try {
    return await fetch(new Request(request, { signal: AbortSignal.any([request.signal, timer]) }));
  } catch (thrown) {
    if (timer.aborted)
      throw new ApiProblem(TIMED_OUT, "The server did not answer in time.", 0, undefined, undefined, undefined);
    throw thrown;
  }
}

export const api: Client<paths> = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  credentials: "same-origin",
  fetch: consoleFetch,
});

/** What came of a request: the payload, what stands beside it, and the version for If-Match. */
export interface Answer<T, M> {
  data: T;
  metadata: M;
  etag: string | undefined;
  /** An earlier try of the same intention had succeeded. */
  replayed: boolean;
  status: number;
  headers: Headers;
}

type Payload<B> = B extends { data: infer D } ? D : undefined;
type Metadata<B> = B extends { metadata?: infer M } ? M : undefined;

/**
 * Waits for an answer of `api` and takes it out of its envelope; throws an `ApiProblem` otherwise.
 *
 * `const { data, metadata } = await answer(api.GET("/api/v1/products", { params: { query }, signal }));`
 */
export async function answer<B>(
  sent: Promise<{ data?: B; error?: unknown; response: Response }>,
): Promise<Answer<Payload<NonNullable<B>>, Metadata<NonNullable<B>>>> {
  let settled: { data?: B; error?: unknown; response: Response };
  try {
    settled = await sent;
  } catch (thrown) {
    // A request that was given up (a page left, a newer search) is no problem to tell.
    if (thrown instanceof DOMException && thrown.name === "AbortError") throw thrown;
    throw asProblem(thrown);
  }
  const { response } = settled;
  if (!response.ok) throw problemOf(response, settled.error);
  const body = settled.data as { data?: unknown; metadata?: unknown } | undefined;
  return {
    data: body?.data as Payload<NonNullable<B>>,
    metadata: body?.metadata as Metadata<NonNullable<B>>,
    etag: response.headers.get("ETag") ?? undefined,
    replayed: response.headers.get("Idempotency-Replayed") === "true",
    status: response.status,
    headers: response.headers,
  };
}
