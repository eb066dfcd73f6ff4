import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { FormProvider, type UseFormReturn, useForm } from "react-hook-form";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { createQueries } from "@/api";
import { startTexts } from "@/i18n";
import { ComboboxInput } from "./Combobox";

beforeAll(async () => {
  vi.stubGlobal("CSS", { escape: (text: string) => text });
  await startTexts();
});
afterEach(cleanup);

const names: Record<string, string> = { a: "Beans", b: "Cups" };
let fields: UseFormReturn<{ category_id: string }>;

/** As the fields of the features do: the label belongs to the value that the form holds now. */
function Sample() {
  fields = useForm({ defaultValues: { category_id: "a" } });
  const id = fields.watch("category_id");
  const initial = names[id] ? { id, label: names[id] } : undefined;
  return (
    <QueryClientProvider client={createQueries()}>
      <FormProvider {...fields}>
        <ComboboxInput name="category_id" label="Category" initial={initial} queryKey={["x"]} load={async () => []} />
      </FormProvider>
    </QueryClientProvider>
  );
}

it("shows what the field holds after the form was reset to another value", () => {
  render(<Sample />);
  const input = screen.getByRole<HTMLInputElement>("combobox");
  expect(input.value).toBe("Beans");
  act(() => fields.reset({ category_id: "b" }));
  expect(input.value).toBe("Cups");
  act(() => fields.reset({ category_id: "" }));
  expect(input.value).toBe("");
});
