import { describe, expect, it } from "vitest";
import { siteOf } from "./site";

const here = (address: string) => new URL(address);

describe("which host a page is on", () => {
  it("is the apex where the server says so", () => {
    const apex = { at_apex: true, apex_url: "https://nexus.example" };
    expect(siteOf(apex, here("https://nexus.example/log-in"))).toEqual({
      apex: true,
      apexOrigin: "https://nexus.example",
      slug: undefined,
    });
  });

  it("is an organization's below it", () => {
    const below = { at_apex: false, apex_url: "https://nexus.example" };
    expect(siteOf(below, here("https://acme.nexus.example/"))).toEqual({
      apex: false,
      apexOrigin: "https://nexus.example",
      slug: "acme",
    });
  });

  it("keeps the port that is used, where a development server stands before the program", () => {
    const below = { at_apex: false, apex_url: "http://localhost:8080" };
    expect(siteOf(below, here("http://acme.localhost:5173/")).apexOrigin).toBe("http://localhost:5173");
  });

  it("is an organization's own domain elsewhere, and no name that only ends alike", () => {
    const elsewhere = { at_apex: false, apex_url: "https://nexus.example" };
    expect(siteOf(elsewhere, here("https://evilnexus.example/")).slug).toBeUndefined();
  });
});
