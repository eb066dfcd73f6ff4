/**
 * Forms over a schema of the contract: checked here by the same rules as there, sent as a write with one idempotency key
 * for one intention, and faults that the server finds put at their fields (`lines[0].quantity`).
 */
import { useEffect, useRef, useState } from "react";
import {
  type DefaultValues,
  type FieldErrors,
  type FieldValues,
  type Path,
  type Resolver,
  type UseFormReturn,
  useForm,
} from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { $ZodType } from "zod/v4/core";
import { ApiProblem, type FieldFault, useWrite, type Write, type WriteContext } from "@/api";
import { useFaultText, useProblemText } from "../problem-text";
import { misreadings } from "./misreadings";

export interface ApiFormOptions<In extends FieldValues, Out> {
  /** Of src/api/zod.gen.ts, or made from one of those; read later where the page must weigh little. */
  schema: $ZodType<In> | (() => Promise<$ZodType<In>>);
  defaults: DefaultValues<In>;
  /** Sends what was checked. */
  send: (input: In, context: WriteContext) => Promise<Out>;
  onSuccess?: (output: Out, input: In) => unknown;
  /** Queries that are read again afterwards. */
  invalidates?: readonly unknown[][];
  /** Refusals that are about one field, by their code: `{ SKU_TAKEN: "sku" }`. */
  codes?: Record<string, Path<In>>;
  /** The server's name of a field → the form's, where they differ. */
  fieldOf?: (serverField: string) => string;
}

export interface ApiForm<In extends FieldValues, Out = unknown> {
  fields: UseFormReturn<In>;
  write: Write<In, Out>;
  /** What belongs to no field on the page, said by the server or the check; undefined while all is well. */
  problem: ApiProblem | undefined;
  submit: (event?: { preventDefault?: () => void }) => Promise<void>;
}

export function useApiForm<In extends FieldValues, Out = unknown>(options: ApiFormOptions<In, Out>): ApiForm<In, Out> {
  const { i18n } = useTranslation("ui");
  const problemText = useProblemText();
  const faultText = useFaultText();
  const check = useCheck(options.schema);
  const fields: UseFormReturn<In> = useForm<In>({
    defaultValues: options.defaults,
    resolver: async (values, context, more) => {
      const checked = await (await check())(withoutBlanks(values) as In, context, more);
      const unread = misreadings(fields.control);
      return unread ? { values: {}, errors: { ...checked.errors, ...unread } } : checked;
    },
    mode: "onSubmit",
  });
  const write = useWrite<In, Out>({
    send: options.send,
    invalidates: options.invalidates as unknown[][] | undefined,
    onSuccess: options.onSuccess,
    onError: (problem) => {
      let first = true;
      for (const fault of problem.faults) {
        const name = formPath(options.fieldOf?.(fault.field) ?? fault.field) as Path<In>;
        if (!isKnown(fields, name)) continue;
        fields.setError(name, { type: fault.code, message: faultText(fault) }, { shouldFocus: first });
        first = false;
      }
      const named = options.codes?.[problem.code];
      if (named)
        fields.setError(named, { type: problem.code, message: problemText(problem).title }, { shouldFocus: true });
    },
  });

  const underWay = useRef(false);
  // Messages shown were made in the language before.
  const language = useRef(i18n.language);
  useEffect(() => {
    if (language.current === i18n.language) return;
    language.current = i18n.language;
    const shown = Object.keys(fields.formState.errors) as Path<In>[];
    if (shown.length > 0) void fields.trigger(shown);
  }, [i18n.language, fields]);

  const place = (field: string) => formPath(options.fieldOf?.(field) ?? field);
  const isPlaced = (problem: ApiProblem) =>
    options.codes?.[problem.code] !== undefined || allPlaced(problem, (field) => isKnown(fields, place(field)));
  // A fault where nothing is shown must be told all the same: the press would seem to do nothing.
  const [unseen, setUnseen] = useState<ApiProblem>();
  const refused = write.error && !isPlaced(write.error) ? write.error : undefined;
  return {
    fields,
    write,
    problem: unseen ?? refused,
    submit: (event) =>
      fields.handleSubmit(
        async (values) => {
          setUnseen(undefined);
          // Pressed twice within one frame is still once.
          if (underWay.current) return;
          underWay.current = true;
          await write.mutateAsync(values).catch(() => undefined);
          underWay.current = false;
        },
        (errors) => setUnseen(unseenFault(errors, (name) => isKnown(fields, name))),
      )(event as never),
  };
}

/** The faults as a problem, where none of them stands at a field on the page. */
function unseenFault<In extends FieldValues>(errors: FieldErrors<In>, isShown: (name: string) => boolean) {
  const [first, ...rest] = faultsIn(errors);
  if (!first || [first, ...rest].some(({ field }) => isShown(field))) return undefined;
  const message = `${first.field}: ${first.message}`;
  return new ApiProblem("VALIDATION_FAILED", message, 0, undefined, [first, ...rest], undefined);
}

function faultsIn(errors: object, path = ""): FieldFault[] {
  return Object.entries(errors).flatMap(([name, error]): FieldFault[] => {
    if (!error || typeof error !== "object" || name === "ref") return [];
    const field = path ? `${path}.${name}` : name;
    const { type, message } = error as { type?: unknown; message?: unknown };
    if (typeof type === "string") return [{ field, code: type, message: typeof message === "string" ? message : "" }];
    return faultsIn(error, field);
  });
}

/** The check by a schema, ready before anybody has typed. Where it can't be read, the server's is left. */
function useCheck<In extends FieldValues>(schema: ApiFormOptions<In, unknown>["schema"]): () => Promise<Resolver<In>> {
  const ready = useRef<{ schema: unknown; check: Promise<Resolver<In>> }>(undefined);
  // One that is read later is a function made anew by every drawing, and always the same schema.
  const check = () => {
    if (!ready.current || (typeof schema !== "function" && ready.current.schema !== schema))
      ready.current = {
        schema,
        check: Promise.all([import("./check"), typeof schema === "function" ? schema() : schema])
          .then(([{ checkBy }, known]) => checkBy(known))
          .catch(() => {
            ready.current = undefined;
            return (values: In) => ({ values, errors: {} });
          }),
      };
    return ready.current.check;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, ahead of the first press
  useEffect(() => {
    void check();
  }, []);
  return check;
}

/** `lines[0].quantity` as react-hook-form names it: `lines.0.quantity`. */
export function formPath(field: string): string {
  return field.replaceAll(/\[(\d+)\]/g, ".$1");
}

function isKnown<In extends FieldValues>(fields: UseFormReturn<In>, name: string): boolean {
  return fields.control._names.mount.has(name);
}

function allPlaced(problem: ApiProblem, known: (field: string) => boolean): boolean {
  return problem.faults.length > 0 && problem.faults.every((fault) => known(fault.field));
}

/** A field left empty is no value; spaces around a text are none of it. Passwords are left as typed. */
export function withoutBlanks(value: unknown, key?: string): unknown {
  if (typeof value === "string") {
    if (key && /password/.test(key)) return value === "" ? undefined : value;
    const text = value.trim();
    return text === "" ? undefined : text;
  }
  if (Array.isArray(value)) return value.map((one) => withoutBlanks(one));
  if (value && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutBlanks(one, name)]));
  return value;
}
