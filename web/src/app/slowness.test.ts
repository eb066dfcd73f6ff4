import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { SLOW_MS, slowness } from "./slowness";

const never = () => new Promise<never>(() => undefined);

describe("slowness", () => {
  it("is an answer that does not come", () => {
    const queries = new QueryClient();
    const isSlow = slowness(queries);
    void queries.fetchQuery({ queryKey: ["slow"], queryFn: never });
    expect(isSlow(0)).toBe(false);
    expect(isSlow(SLOW_MS)).toBe(false);
    expect(isSlow(SLOW_MS + 1)).toBe(true);
  });

  it("is not a list that is read again and again", async () => {
    const queries = new QueryClient();
    const isSlow = slowness(queries);
    for (let second = 0; second < 20; second += 1) {
      const read = queries.fetchQuery({ queryKey: ["list"], queryFn: () => Promise.resolve(second) });
      expect(isSlow(second * 1_000)).toBe(false);
      await read;
    }
  });
});
