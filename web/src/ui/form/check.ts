/** Checks of forms by schemas, in words of the language in use. Read beside the first pages, which must weigh little. */
import { zodResolver } from "@hookform/resolvers/zod";
import type { FieldValues, Resolver } from "react-hook-form";
import type { $ZodType } from "zod/v4/core";
import { startMessages } from "./messages";

startMessages();

export function checkBy<In extends FieldValues>(schema: $ZodType<In>): Resolver<In> {
  return zodResolver(schema as never) as unknown as Resolver<In>;
}
