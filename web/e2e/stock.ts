/** A catalogue and stock to test with, made by the API. */
import { randomUUID } from "node:crypto";
import { expect, inject, vi } from "vitest";
import { call, type Founder } from "./people";

export interface Product {
  id: string;
  name: string;
  version: number;
  variants: { id: string; sku: string }[];
}

export interface Level {
  id: string;
  sku: string;
  location: string;
  on_hand: string;
}

export interface Job {
  id: string;
  state: string;
  summary?: Record<string, unknown>;
  result_url?: string;
  errors_url?: string;
}

/** The place for goods that every organization begins with. */
export const PLACE = "MAIN";

type Person = Pick<Founder, "token" | "slug">;

/** Calls the API as somebody, every write under a key of its own. */
export function as({ token, slug }: Person) {
  return <T>(method: string, path: string, body?: unknown) =>
    call<T>(method, path, { body, token, slug, headers: method === "POST" ? { "Idempotency-Key": randomUUID() } : {} });
}

export function makeProduct(person: Person, name: string, sku: string, more: object = {}): Promise<Product> {
  const variants = [{ sku, price: { amount: "12.50", currency: "EUR" } }];
  return as(person)<Product>("POST", "/products", { name, status: "active", variants, ...more });
}

export function receive(person: Person, sku: string, quantity: string, location = PLACE) {
  return as(person)("POST", "/stock-movements", {
    kind: "receive",
    partner: "supplier",
    lines: [{ sku, quantity, location }],
  });
}

export function makeLocation(person: Person, code: string, name: string, more: object = {}) {
  const location = { type: "site", kind: "warehouse", code, name, is_stock: true, ...more };
  return as(person)<{ id: string }>("POST", "/locations", location);
}

export async function levelOf(person: Person, sku: string, location = PLACE): Promise<Level | undefined> {
  const levels = await as(person)<Level[]>("GET", `/inventory?sku=${encodeURIComponent(sku)}`);
  return levels.find((level) => level.location === location);
}

export async function movementsOf(person: Person, sku: string) {
  return as(person)<{ id: string; reason: string; quantity: string }[]>(
    "GET",
    `/stock-movements?sku=${encodeURIComponent(sku)}&limit=100`,
  );
}

/** Imports a file by the API and waits for what comes of it. */
export async function importFile(person: Person, kind: "products" | "stock-movements", csv: string): Promise<Job> {
  const form = new FormData();
  form.set("file", new Blob([csv], { type: "text/csv" }), "list.csv");
  const answer = await fetch(new URL(`/api/v1/${kind}/import`, inject("url")), {
    method: "POST",
    headers: { Authorization: `Bearer ${person.token}`, "X-Tenant": person.slug, "Idempotency-Key": randomUUID() },
    body: form,
  });
  expect(answer.ok, `import of ${kind}`).toBe(true);
  return ended(person, (await answer.json()).data.id);
}

/** A job once it has ended, however it ended. */
export function ended(person: Person, id: string): Promise<Job> {
  return vi.waitFor(
    async () => {
      const job = await as(person)<Job>("GET", `/jobs/${id}`);
      expect(["succeeded", "failed", "cancelled"]).toContain(job.state);
      return job;
    },
    { timeout: 60_000, interval: 200 },
  );
}
