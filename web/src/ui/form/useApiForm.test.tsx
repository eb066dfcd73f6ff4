import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
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
});
type In = z.infer<typeof schema>;

function Sample({ send }: { send: (input: In, key: string) => Promise<unknown> }) {
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
    </Form>
  );
}

function show(send: (input: In, key: string) => Promise<unknown>) {
  render(
    <QueryClientProvider client={createQueries()}>
      <Sample send={send} />
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
