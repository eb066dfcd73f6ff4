import { describe, expect, it } from "vitest";
import { arrival, safePath } from "./hand-over";

describe("where somebody is sent after logging in", () => {
  it.each([
    ["/products?q=a#b", "/products?q=a#b"],
    ["//evil.example", "/"],
    ["/.//evil.example", "/"],
    ["/products/..//evil.example", "/"],
    ["/%2e//evil.example", "/"],
    ["/\t/evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example/", "/"],
    ["javascript:alert(1)", "/"],
    ["/%5c%5cevil.example", "/%5c%5cevil.example"],
    [undefined, "/"],
  ])("%s leads to %s and to no other host", (path, to) => {
    expect(safePath(path)).toBe(to);
    expect(new URL(safePath(path), location.origin).origin).toBe(location.origin);
  });

  it("carries the code in the fragment, which no server sees", () => {
    const to = new URL(arrival({ code: "nxh_secret", url: "http://acme.localhost:8080" }, { next: "/products" }));
    expect(to.search).toBe("");
    expect(to.hash).toContain("code=nxh_secret");
    expect(to.hostname).toBe("acme.localhost");
    expect(to.pathname).toBe("/enter");
  });
});
