/**
 * Editing something that others may edit as well. Only what was changed is sent, with the version it was changed from; when
 * that is no longer the present one (412), nothing is lost: the person sees both and decides.
 */
import { useEffect, useRef, useState } from "react";
import type { DefaultValues, FieldValues, Path } from "react-hook-form";
import type { $ZodType } from "zod/v4/core";
import { type ApiForm, useApiForm } from "@/ui";
import { type Changes, patchOf, same } from "./patch";

export interface Versioned {
  version: number;
}

/** The version of a representation, as If-Match wants it. */
export function etagOf(current: Versioned): string {
  return `"${current.version}"`;
}

interface Options<In extends FieldValues, Body extends object, Current extends Versioned> {
  schema: $ZodType<In>;
  /** As it was read; what the form begins with. */
  current: Current;
  toForm: (current: Current) => In;
  /** What is in the form, as fields of the contract. */
  toBody: (values: In) => Body;
  send: (patch: Changes<Body>, etag: string) => Promise<{ data: Current }>;
  onSuccess?: (current: Current) => unknown;
  invalidates?: readonly unknown[][];
  codes?: Record<string, Path<In>>;
}

export interface Conflict<Body extends object> {
  /** As it was when the editing began, as the person wants it, as it is. */
  before: Body;
  yours: Body;
  now: Body;
  isPending: boolean;
  /** Sends the person's changes again, onto what is there now; what others changed elsewhere stays. */
  keepYours: () => void;
  /** Forgets the person's changes. */
  takeNow: () => void;
}

export interface EditForm<In extends FieldValues, Body extends object, Current> extends ApiForm<In, Current> {
  conflict: Conflict<Body> | undefined;
  isDirty: boolean;
}

export function useEditForm<In extends FieldValues, Body extends object, Current extends Versioned>(
  options: Options<In, Body, Current>,
): EditForm<In, Body, Current> {
  const { toForm, toBody } = options;
  const [base, setBase] = useState(options.current);
  const before = toBody(toForm(base));
  /** The newer version that the person's changes go onto, from the decision to the next time they are sent. */
  const onto = useRef<Current | undefined>(undefined);
  /** What was in the form when it was sent. */
  const sent = useRef<In | undefined>(undefined);

  const form = useApiForm<In, Current>({
    schema: options.schema,
    defaults: toForm(base) as DefaultValues<In>,
    codes: options.codes,
    invalidates: options.invalidates,
    send: async (values) => {
      sent.current = structuredClone(form.fields.getValues());
      const target = onto.current ?? base;
      onto.current = undefined;
      const patch = patchOf(before, toBody(values));
      if (Object.keys(patch).length === 0) return target;
      return (await options.send(patch, etagOf(target))).data;
    },
    onSuccess: (saved) => {
      const typed = structuredClone(form.fields.getValues());
      setBase(saved);
      form.fields.reset(toForm(saved));
      // What was typed while it was being saved stays, as a change of what was saved.
      for (const name of Object.keys(typed) as Path<In>[])
        if (sent.current && !same(typed[name], sent.current[name]))
          form.fields.setValue(name, typed[name], { shouldDirty: true });
      return options.onSuccess?.(saved);
    },
  });

  const { isDirty } = form.fields.formState;
  // It was read anew. What does not concern this form, or finds it untouched, is no conflict.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer version is what counts
  useEffect(() => {
    if (options.current.version <= base.version) return;
    const isElsewhere = same(before, toBody(toForm(options.current)));
    if (!isElsewhere && isDirty) return;
    setBase(options.current);
    if (!isElsewhere) form.fields.reset(toForm(options.current));
  }, [options.current.version]);

  const { error, variables } = form.write;
  const theirs = error?.code === "PRECONDITION_FAILED" ? (error.details as Current | undefined) : undefined;
  const yours = variables === undefined ? undefined : toBody(variables);
  const conflict: Conflict<Body> | undefined =
    theirs && yours
      ? {
          before,
          yours,
          now: toBody(toForm(theirs)),
          isPending: form.write.isPending,
          keepYours: () => {
            onto.current = theirs;
            void form.submit().finally(() => {
              onto.current = undefined;
            });
          },
          takeNow: () => {
            setBase(theirs);
            form.fields.reset(toForm(theirs));
            form.write.reset();
          },
        }
      : undefined;
  return {
    ...form,
    problem: conflict ? undefined : form.problem,
    conflict,
    isDirty,
  };
}
