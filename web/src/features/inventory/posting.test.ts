import { describe, expect, it } from "vitest";
import { ApiProblem } from "@/api";
import {
  changesOf,
  countOf,
  fieldOf,
  indexOf,
  movementsOf,
  oneMore,
  type PostingValues,
  schemas,
  shortagesOf,
  transferOf,
} from "./posting";

const MAIN = "01a20162-7ea3-7325-b2c8-3e0fcf661295";
const SHOP = "01a20162-8404-71ca-89ad-8fee90d2f90c";
const BEAN = "01a20162-83eb-73bc-95fc-ab9ba9bc2628";
const TEA = "01a20162-83eb-7a7f-9ba3-378a05bc88c8";
const line = (variant_id: string, quantity: string, more = {}) => ({
  variant_id,
  sku: "X",
  name: "X",
  unit: "each",
  quantity,
  ...more,
});
const values = (more: Partial<PostingValues> = {}): PostingValues => ({
  location_id: MAIN,
  way: "supplier",
  lines: [line(BEAN, "2.5")],
  ...more,
});

describe("what is sent of a form", () => {
  it("lies where the form says, unless the line says otherwise", () => {
    const body = movementsOf(values({ lines: [line(BEAN, "2.5"), line(TEA, "1", { location_id: SHOP })] }));
    expect(body).toMatchObject({ kind: "receive", partner: "supplier" });
    expect(body.lines.map(({ location_id, quantity }) => [location_id, quantity])).toEqual([
      [MAIN, "2.5"],
      [SHOP, "1"],
    ]);
  });

  it("names the other side by the way it goes", () => {
    expect(movementsOf(values({ way: "customer_return" }))).toMatchObject({ kind: "return", partner: "customer" });
    expect(movementsOf(values({ way: "production_use" }))).toMatchObject({ kind: "issue", partner: "production" });
    expect(movementsOf(values({ way: "scrap" })).partner).toBeUndefined();
  });

  it("has a document only with a number, and a reason for being late only when it is late", () => {
    expect(movementsOf(values({ reference_type: "invoice" })).reference).toBeUndefined();
    expect(movementsOf(values({ reference_type: "invoice", reference_number: "7" })).reference).toEqual({
      type: "invoice",
      number: "7",
    });
    expect(movementsOf(values({ backdating_reason: "Late" })).backdating_reason).toBeUndefined();
    const late = movementsOf(values({ backdating_reason: "Late", occurred_at: "2026-03-31T08:00" }));
    expect(late.backdating_reason).toBe("Late");
    expect(new Date(late.occurred_at ?? "").getHours()).toBe(8);
  });

  it("moves from the form's place, or the line's, to the other", () => {
    const body = transferOf(values({ to_location_id: SHOP }));
    expect(body.lines).toEqual([
      { variant_id: BEAN, quantity: "2.5", unit: "each", from_location_id: MAIN, to_location_id: SHOP },
    ]);
  });

  it("posts of a count only what differs, with what was expected", () => {
    const counted = [line(BEAN, "7", { expected: "9.5" }), line(TEA, "3", { expected: "3" })];
    const { body, lines } = countOf(values({ lines: counted }));
    expect(lines).toEqual([0]);
    expect(body.lines).toMatchObject([{ variant_id: BEAN, delta: "-2.5", expected_quantity: "9.5" }]);
    expect(body.reason).toBe("count");
  });
});

describe("the rules of a form", () => {
  const isGood = (kind: keyof typeof schemas, more: Partial<PostingValues>) =>
    schemas[kind].safeParse(values(more)).success;

  it("want something above zero, and a count may be zero", () => {
    expect(isGood("receive", {})).toBe(true);
    expect(isGood("receive", { lines: [line(BEAN, "0")] })).toBe(false);
    expect(isGood("receive", { lines: [line(BEAN, "-1")] })).toBe(false);
    expect(isGood("receive", { lines: [] })).toBe(false);
    expect(isGood("count", { lines: [line(BEAN, "0")] })).toBe(true);
  });

  it("want both places of a transfer", () => {
    expect(isGood("transfer", {})).toBe(false);
    expect(isGood("transfer", { to_location_id: SHOP })).toBe(true);
  });
});

describe("a scan", () => {
  const article = { variantId: BEAN, productId: "p", sku: "X", name: "X", unit: "each" };

  it("of what is there already is one more of it", () => {
    expect(indexOf([line(TEA, "1"), line(BEAN, "1")], article)).toBe(1);
    expect(indexOf([line(BEAN, "1", { location_id: SHOP })], article)).toBe(-1);
    expect(oneMore("2.5")).toBe("3.5");
    expect(oneMore(undefined)).toBe("1");
  });
});

describe("a refusal", () => {
  const refused = (code: string, lines: unknown) => new ApiProblem(code, "", 409, "r", { lines }, undefined);

  it("stands at the fields of the form", () => {
    expect(fieldOf("reference.number")).toBe("reference_number");
    expect(fieldOf("lines[3].delta")).toBe("lines[3].quantity");
    expect(fieldOf("lines[3].location_id")).toBe("location_id");
    expect(fieldOf("lines[0].to_location_id")).toBe("to_location_id");
    expect(fieldOf("note")).toBe("note");
  });

  it("names the lines that ask for too much, or are not as expected", () => {
    const short = refused("INSUFFICIENT_STOCK", [{ line: 2, requested: "5", available: "3" }]);
    expect([...shortagesOf(short)]).toEqual([[2, "3"]]);
    expect([...changesOf(refused("STOCK_CHANGED", [{ line: 0, on_hand: "7" }]))]).toEqual([[0, "7"]]);
    expect(changesOf(short).size).toBe(0);
  });
});
