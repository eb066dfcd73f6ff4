import { describe, expect, it } from "vitest";
import { siteOf } from "./site";

const here = (address: string) => new URL(address);

describe("which host a page is on", () => {
  it("is the apex where log-in lives", () => {
    expect(siteOf(here("https://nexus.example"), here("https://nexus.example/log-in"))).toEqual({
      apex: true,
      apexOrigin: "https://nexus.example",
      slug: undefined,
    });
  });

  it("is an organization's below it", () => {
    expect(siteOf(here("https://nexus.example"), here("https://acme.nexus.example/"))).toEqual({
      apex: false,
      apexOrigin: "https://nexus.example",
      slug: "acme",
    });
  });

  it("keeps the port that is used, where a development server stands before the program", () => {
    expect(siteOf(here("http://localhost:8080"), here("http://acme.localhost:5173/")).apexOrigin).toBe(
      "http://localhost:5173",
    );
  });

  it("is an organization's own domain elsewhere, and no name that only ends alike", () => {
    expect(siteOf(here("https://nexus.example"), here("https://stock.acme.example/"))).toEqual({
      apex: false,
      apexOrigin: "https://nexus.example",
      slug: undefined,
    });
    expect(siteOf(here("https://nexus.example"), here("https://evilnexus.example/")).slug).toBeUndefined();
  });
});
