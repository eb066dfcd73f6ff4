import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { pauseFor, useList } from "./useList";

afterEach(() => vi.unstubAllGlobals());

it("asks for a part that failed again only when told to", async () => {
  let isDown = true;
  let asked = 0;
  vi.stubGlobal("fetch", async (request: Request) => {
    if (!new URL(request.url).searchParams.get("cursor"))
      return Response.json({ data: [{ id: "1" }], metadata: { next_cursor: "second" } });
    asked += 1;
    if (isDown) return Response.json({ error: { code: "INTERNAL_ERROR", message: "No." } }, { status: 500 });
    return Response.json({ data: [{ id: "2" }], metadata: {} });
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { result } = renderHook(() => useList({ path: "/api/v1/products", state: {}, hasTotal: false }), {
    wrapper: ({ children }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>,
  });
  await waitFor(() => expect(result.current.hasMore).toBe(true));
  result.current.loadMore();
  await waitFor(() => expect(result.current.problem?.code).toBe("INTERNAL_ERROR"));
  // The grid asks each time it is drawn.
  for (let draws = 0; draws < 3; draws += 1) {
    result.current.loadMore();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(asked).toBe(1);
  isDown = false;
  result.current.retry();
  await waitFor(() => expect(result.current.rows).toHaveLength(2));
  expect(asked).toBe(2);
});

it("reads many parts again more rarely than few", () => {
  expect([0, 1, 2, 4, 20].map((parts) => pauseFor(3_000, parts))).toEqual([3_000, 3_000, 3_000, 6_000, 30_000]);
});
