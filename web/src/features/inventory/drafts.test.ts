import { renderHook } from "@testing-library/react";
import { useForm } from "react-hook-form";
import { afterEach, expect, it } from "vitest";
import { putDraft, readDraft, useDraft } from "./drafts";
import { leftOver, type PostingLine, type PostingValues } from "./posting";

afterEach(() => sessionStorage.clear());

const line = (variant_id: string, quantity: string, more: Partial<PostingLine> = {}) =>
  ({ variant_id, sku: variant_id, name: variant_id, unit: "pcs", quantity, ...more }) as PostingLine;

it("a draft that is put back is in the open form again", () => {
  const { result } = renderHook(() => {
    const form = useForm<PostingValues>({ defaultValues: { lines: [line("b", "")] } });
    useDraft("transfer", form);
    return form;
  });
  putDraft("transfer", { lines: [line("a", "2")] });
  expect(readDraft("transfer")?.lines).toHaveLength(1);
  expect(result.current.getValues("lines")).toEqual([line("a", "2")]);
});

it("what was scanned while a posting was on its way stays", () => {
  const sent = [line("a", "1"), line("b", "2", { location_id: "x" })];
  const now = [line("a", "3"), line("b", "2", { location_id: "x" }), line("b", "1"), line("c", "1")];
  expect(leftOver("issue", now, sent)).toEqual([line("a", "2"), line("b", "1"), line("c", "1")]);
  expect(leftOver("issue", sent, sent)).toEqual([]);
});

it("what was counted anew while a count was on its way stays as it was counted", () => {
  const sent = [line("a", "1", { expected: "0" }), line("b", "2", { expected: "2" })];
  const now = [line("a", "3", { expected: "0" }), line("b", "2", { expected: "2" })];
  expect(leftOver("count", now, sent)).toEqual([line("a", "3", { expected: "1" })]);
});
