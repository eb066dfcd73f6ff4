import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { createQueries } from "@/api";
import { changeLanguage, type Language, startTexts } from "@/i18n";
import { Form } from "./Form";
import { startMessages } from "./messages";
import { MoneyInput } from "./numbers";
import { useApiForm } from "./useApiForm";

const schema = z.object({ price: z.optional(z.object({ amount: z.string(), currency: z.string() })) });
type In = z.infer<typeof schema>;

function Priced({ price, send }: { price: In["price"]; send: (input: In) => void }) {
  const form = useApiForm<In>({ schema, defaults: { price }, send: async (input) => send(input) });
  return (
    <Form form={form} submitLabel="Send">
      <MoneyInput name="price" label="Price" currency="EUR" />
    </Form>
  );
}

function show(price?: In["price"]) {
  const sent: In[] = [];
  render(
    <QueryClientProvider client={createQueries()}>
      <Priced price={price} send={(input) => sent.push(input)} />
    </QueryClientProvider>,
  );
  return { sent, field: screen.getByLabelText<HTMLInputElement>(/Price/), hand: userEvent.setup() };
}

beforeAll(async () => {
  startMessages();
  await startTexts();
});
afterEach(cleanup);

describe("an amount of money", () => {
  it.each<[Language, string, string, string]>([
    ["en", "1,234.50", "23.5", "23.50"],
    ["de", "1.234,50", "23,5", "23,50"],
    ["ar", "1,234.50", "23.5", "23.50"],
  ])("has its currency's digits in %s, before and after it is typed, and is sent as it was meant", async (...all) => {
    const [language, before, typed, after] = all;
    await changeLanguage(language);
    const { sent, field, hand } = show({ amount: "1234.5", currency: "EUR" });
    expect(field.value).toBe(before);
    await hand.clear(field);
    await hand.type(field, typed);
    expect(field.value, "while it is typed nothing is put in").toBe(typed);
    await hand.tab();
    expect(field.value).toBe(after);
    await hand.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(sent).toEqual([{ price: { amount: "23.5", currency: "EUR" } }]));
  });

  it.each([
    ["JPY", "1200", "1,200"],
    ["KWD", "12.5", "12.500"],
    ["EUR", "0.1255", "0.1255"],
  ])("in %s: %s is shown as %s", async (currency, amount, shown) => {
    await changeLanguage("en");
    expect(show({ amount, currency }).field.value).toBe(shown);
  });

  it("is left empty where there is none", () => {
    expect(show().field.value).toBe("");
  });
});
