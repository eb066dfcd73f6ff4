import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer, api, consoleFetch } from "./client";
import { ApiProblem } from "./problem";
import { sessionState } from "./session-state";
import { events } from "./stream";

type Handler = (request: Request) => Response | Promise<Response>;

function serve(handler: Handler) {
  const seen: Request[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    seen.push(request.clone());
    return handler(request);
  });
  return seen;
}

const refusal = (status: number, code: string, details?: unknown) =>
  Response.json({ error: { code, message: "No.", details, request_id: "r-1" } }, { status });
const get = () => consoleFetch(new Request("http://localhost/api/v1/products"));

beforeEach(() => {
  localStorage.clear();
  sessionState.end();
});
afterEach(() => vi.unstubAllGlobals());

describe("a request of the console", () => {
  it("says that it is the console's", async () => {
    const seen = serve(() => Response.json({ data: [] }));
    await get();
    expect(seen[0]?.headers.get("X-Console")).toBe("1");
  });

  it("throws a refusal with its code, faults and request id", async () => {
    serve(() =>
      refusal(422, "VALIDATION_FAILED", [{ field: "lines[0].quantity", code: "TOO_LOW", message: "Too low." }]),
    );
    const problem = await answer(api.GET("/api/v1/products")).catch((thrown) => thrown);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect(problem).toMatchObject({ code: "VALIDATION_FAILED", status: 422, requestId: "r-1" });
    expect(problem.faults[0].field).toBe("lines[0].quantity");
  });

  it("tells a network that is away from a refusal", async () => {
    serve(() => {
      throw new TypeError("Failed to fetch");
    });
    await expect(answer(api.GET("/api/v1/products"))).rejects.toMatchObject({ code: "NETWORK", status: 0 });
  });

  it("takes the payload out of its envelope with version and replay", async () => {
    serve(() => Response.json({ data: { id: "1" } }, { headers: { ETag: '"7"', "Idempotency-Replayed": "true" } }));
    const taken = await answer(api.GET("/api/v1/products/{id}", { params: { path: { id: "1" } } }));
    expect(taken).toMatchObject({ data: { id: "1" }, etag: '"7"', replayed: true });
  });
});

describe("a session that ran out", () => {
  it("is renewed once for requests at the same time, and they are repeated", async () => {
    let renewals = 0;
    let good = false;
    const seen = serve(async (request) => {
      if (request.url.endsWith("/auth/session/refresh")) {
        renewals += 1;
        await Promise.resolve();
        good = true;
        return new Response(null, { status: 204 });
      }
      return good ? Response.json({ data: [] }) : refusal(401, "REFRESH_REQUIRED");
    });
    const all = await Promise.all([get(), get(), get()]);
    expect(all.map((response) => response.status)).toEqual([200, 200, 200]);
    expect(renewals).toBe(1);
    expect(seen.filter((request) => request.url.endsWith("/products"))).toHaveLength(6);
  });

  it("leaves no answer half read, whose connection would be kept", async () => {
    const left: Response[] = [];
    const kept = (response: Response) => {
      left.push(response);
      return response;
    };
    let good = false;
    serve((request) => {
      if (!request.url.endsWith("/auth/session/refresh"))
        return good ? Response.json({ data: [] }) : kept(refusal(401, "REFRESH_REQUIRED"));
      good = true;
      return kept(Response.json({ data: {} }));
    });
    await get();
    expect(left.map((response) => response.bodyUsed)).toEqual([true, true]);
  });

  it("is not renewed again when another tab has done it since", async () => {
    const seen = serve((request) => {
      const first = !seen.some((one) => one.headers.has("x-again"));
      request.headers.set("x-again", "1");
      return first && seen.length === 1 ? refusal(401, "REFRESH_REQUIRED") : Response.json({ data: [] });
    });
    localStorage.setItem("nexus.renewed_at", String(Date.now() + 1_000));
    expect((await get()).status).toBe(200);
    expect(seen.every((request) => !request.url.includes("refresh"))).toBe(true);
  });

  describe("while another tab renews it", () => {
    /** The other tab holds the lock when this one asks, and is done when it asks again. */
    const stubBusy = () => {
      let turn = 0;
      const request = async (_: string, ...rest: unknown[]) => {
        const work = rest.at(-1) as (lock: object | null) => unknown;
        turn += 1;
        return work(turn === 1 ? null : {});
      };
      vi.stubGlobal("navigator", Object.create(navigator, { locks: { value: { request } } }));
    };

    it("repeats the request, and renews nothing", async () => {
      const seen = serve(() => (seen.length === 1 ? refusal(401, "REFRESH_REQUIRED") : Response.json({ data: [] })));
      stubBusy();
      expect((await get()).status).toBe(200);
      expect(seen.map((one) => new URL(one.url).pathname)).toEqual(["/api/v1/products", "/api/v1/products"]);
    });

    it("renews it where the other tab could not", async () => {
      let good = false;
      serve((request) => {
        if (!request.url.endsWith("/auth/session/refresh"))
          return good ? Response.json({ data: [] }) : refusal(401, "REFRESH_REQUIRED");
        good = true;
        return new Response(null, { status: 204 });
      });
      stubBusy();
      expect((await get()).status).toBe(200);
    });
  });

  it("leaves a page that never had one to its guard", async () => {
    const seen = serve(() => refusal(401, "UNAUTHORIZED"));
    expect((await get()).status).toBe(401);
    expect(sessionState.get()).toBe("none");
    expect(seen).toHaveLength(1);
  });

  it("makes a write wait until the person is back, and sends it with its body", async () => {
    let back = false;
    const bodies: string[] = [];
    serve(async (request) => {
      if (request.url.endsWith("/refresh") || !back) return refusal(401, "UNAUTHORIZED");
      bodies.push(await request.text());
      return Response.json({ data: {} }, { status: 201 });
    });
    sessionState.begin("ada");
    const sent = consoleFetch(new Request("http://localhost/api/v1/tags", { method: "POST", body: '{"name":"new"}' }));
    await vi.waitFor(() => expect(sessionState.get()).toBe("expired"));
    back = true;
    expect(sessionState.restore("ada")).toBe(true);
    expect((await sent).status).toBe(201);
    expect(bodies).toEqual(['{"name":"new"}']);
  });

  it("sends nothing of one person as another", async () => {
    const seen = serve(() => refusal(401, "UNAUTHORIZED"));
    sessionState.begin("ada");
    const sent = consoleFetch(new Request("http://localhost/api/v1/tags", { method: "POST", body: "{}" }));
    const failed = expect(sent).rejects.toMatchObject({ code: "SESSION_EXPIRED" });
    await vi.waitFor(() => expect(sessionState.get()).toBe("expired"));
    const before = seen.length;
    expect(sessionState.restore("grace")).toBe(false);
    await failed;
    expect(seen).toHaveLength(before);
  });

  it("fails what waits when the person looks on without", async () => {
    serve(() => refusal(401, "UNAUTHORIZED"));
    sessionState.begin();
    const sent = get();
    const failed = expect(sent).rejects.toMatchObject({ code: "SESSION_EXPIRED" });
    await vi.waitFor(() => expect(sessionState.get()).toBe("expired"));
    sessionState.dismiss();
    await failed;
  });

  it("is nothing a wrong password at log-in has to do with", async () => {
    const seen = serve(() => refusal(401, "INVALID_CREDENTIALS"));
    sessionState.begin();
    const response = await consoleFetch(
      new Request("http://localhost/api/v1/auth/session", { method: "POST", body: "{}" }),
    );
    expect(response.status).toBe(401);
    expect(seen).toHaveLength(1);
  });
});

describe("a stream of events", () => {
  it("is read event by event, however it is cut, without its comments", async () => {
    const text = ': hello\n\nid: 1\nevent: step\ndata: {"a":1}\n\ndata: one\ndata: two\r\n\r\n';
    const bytes = new TextEncoder().encode(text);
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < bytes.length; at += 7) controller.enqueue(bytes.slice(at, at + 7));
        controller.close();
      },
    });
    const all = [];
    for await (const event of events(body)) all.push(event);
    expect(all).toEqual([
      { id: "1", event: "step", data: '{"a":1}' },
      { id: undefined, event: "message", data: "one\ntwo" },
    ]);
  });
});
