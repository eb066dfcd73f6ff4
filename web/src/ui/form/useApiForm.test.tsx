import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { ApiProblem, createQueries } from "@/api";
import { startTexts } from "@/i18n";
import { Form } from "./Form";
import { TextInput } from "./fields";
import { startMessages } from "./messages";
import { QuantityInput } from "./numbers";
import { useApiForm, withoutBlanks } from "./useApiForm";

const schema = z.object({
  name: z.string().check(z.minLength(3)),
  lines: z.array(z.object({ quantity: z.string() })),
  note: z.optional(z.string()),
  reorder: z.optional(z.string()),
});
type In = z.infer<typeof schema>;

function Sample({ send, optional }: { send: (input: In, key: string) => Promise<unknown>; optional?: string }) {
  const form = useApiForm<In>({
    schema,
    defaults: { name: "", lines: [{ quantity: "1" }], note: "" },
    codes: { NAME_TAKEN: "name" },
    send: (input, { key }) => send(input, key),
  });
  return (
    <Form form={form} submitLabel="Send">
      <TextInput name="name" label="Name" />
      <QuantityInput name="lines.0.quantity" label="Quantity" />
      <TextInput name="note" label="Note" />
      {optional && <QuantityInput name="reorder" label={optional} />}
    </Form>
  );
}

function show(send: (input: In, key: string) => Promise<unknown>, optional?: string) {
  render(
    <QueryClientProvider client={createQueries()}>
      <Sample send={send} optional={optional} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const problem = (status: number, code: string, details?: unknown) =>
  new ApiProblem(code, "Said by the server.", status, "r-1", details, undefined);

beforeAll(async () => {
  startMessages();
  await startTexts();
});
afterEach(cleanup);

describe("a form over a schema of the contract", () => {
  it("says in words what is missing, and sends nothing", async () => {
    const sent: In[] = [];
    const user = show(async (input) => sent.push(input));
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByText("Please fill this in.")).toBeTruthy();
    expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
    expect(sent).toEqual([]);
  });

  it("leaves empty fields out and keeps decimals as text", async () => {
    const sent: In[] = [];
    const user = show(async (input) => sent.push(input));
    await user.type(screen.getByLabelText("Name"), "  Beans ");
    await user.clear(screen.getByLabelText("Quantity"));
    await user.type(screen.getByLabelText("Quantity"), "1,234.50");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(sent).toEqual([{ name: "Beans", lines: [{ quantity: "1234.5" }] }]);
  });

  it("doesn't send while a number can't be read, and does once it can or is gone", async () => {
    const sent: In[] = [];
    const user = show(async (input) => sent.push(input), "Reorder");
    await user.type(screen.getByLabelText("Name"), "Beans");
    await user.type(screen.getByLabelText("Reorder"), "12x");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(screen.getByLabelText("Reorder").getAttribute("aria-invalid")).toBe("true");
    expect(sent).toEqual([]);
    await user.type(screen.getByLabelText("Reorder"), "{Backspace}");
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(sent).toMatchObject([{ reorder: "12" }]));
    await user.clear(screen.getByLabelText("Reorder"));
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]?.reorder).toBeUndefined();
  });

  it("puts a fault that the server finds at its field", async () => {
    const user = show(async () => {
      throw problem(422, "VALIDATION_FAILED", [
        { field: "lines[0].quantity", code: "TOO_LOW", message: "Must be more than zero." },
      ]);
    });
    await user.type(screen.getByLabelText("Name"), "Beans");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(await screen.findByText("Must be more than zero.")).toBeTruthy();
    expect(screen.getByLabelText("Quantity").getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("puts a refusal that is about one field there, and any other above the form with its request id", async () => {
    let code = "NAME_TAKEN";
    const user = show(async () => {
      throw problem(409, code);
    });
    await user.type(screen.getByLabelText("Name"), "Beans");
    await user.click(screen.getByRole("button", { name: "Send" }));
    await screen.findByText("Said by the server.");
    expect(screen.queryByRole("alert")).toBeNull();
    code = "CONFLICT";
    await user.type(screen.getByLabelText("Name"), "!");
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect((await screen.findByRole("alert")).textContent).toContain("r-1");
  });

  it("sends one intention under one key, and the next under another", async () => {
    const keys: string[] = [];
    let fails = true;
    const user = show(async (_, key) => {
      keys.push(key);
      if (fails) throw problem(503, "SERVICE_UNAVAILABLE");
    });
    await user.type(screen.getByLabelText("Name"), "Beans");
    await user.click(screen.getByRole("button", { name: "Send" }));
    await screen.findByRole("alert");
    fails = false;
    await user.click(screen.getByRole("button", { name: "Send" }));
    await user.click(screen.getByRole("button", { name: "Send" }));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[1]);
  });
});

const asked = z.object({ password: z.string().check(z.minLength(1)) });
const notAsked = z.object({ password: z.optional(z.string()) });

function Changing({ schema, isAsked, send }: { schema: typeof asked; isAsked: boolean; send: () => Promise<unknown> }) {
  const form = useApiForm({ schema, defaults: { password: "" }, send });
  return (
    <Form form={form} submitLabel="Send">
      {isAsked && <TextInput name="password" label="Password" />}
    </Form>
  );
}
const within = (child: ReactNode) => <QueryClientProvider client={createQueries()}>{child}</QueryClientProvider>;

describe("a form whose fields depend on something", () => {
  it("is checked by the schema of now, not of when it was first drawn", async () => {
    let sent = 0;
    const send = async () => (sent += 1);
    const { rerender } = render(within(<Changing schema={asked} isAsked send={send} />));
    const user = userEvent.setup();
    await user.click(screen.getByRole("button", { name: "Send" }));
    await screen.findByText("Please fill this in.");
    rerender(within(<Changing schema={notAsked as never} isAsked={false} send={send} />));
    await user.click(screen.getByRole("button", { name: "Send" }));
    await waitFor(() => expect(sent).toBe(1));
  });

  it("tells a fault of a field that isn't there above the form", async () => {
    let sent = 0;
    render(within(<Changing schema={asked} isAsked={false} send={async () => (sent += 1)} />));
    await userEvent.setup().click(screen.getByRole("button", { name: "Send" }));
    expect((await screen.findByRole("alert")).textContent).toContain("VALIDATION_FAILED");
    expect(sent).toBe(0);
  });
});

describe("what was left empty", () => {
  it("is no value, but a password is as it was typed", () => {
    expect(withoutBlanks({ a: " ", password: " x ", list: [{ b: "" }], c: " d " })).toEqual({
      a: undefined,
      password: " x ",
      list: [{ b: undefined }],
      c: "d",
    });
  });
});
