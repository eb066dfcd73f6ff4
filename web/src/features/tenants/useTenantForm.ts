/**
 * A form that changes a tenant. What somebody else has changed since it was opened is not overwritten: the server refuses,
 * the form shows theirs beside it, and the next press is about the version that was shown.
 */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { DefaultValues, FieldValues } from "react-hook-form";
import type { $ZodType } from "zod/v4/core";
import { asProblem, type Schema } from "@/api";
import { type ApiForm, useApiForm } from "@/ui";
import { type Loaded, tenantQuery, usePatchTenant } from "./tenant";

interface Options<In extends FieldValues> {
  opened: Loaded;
  schema: $ZodType<In>;
  defaults: DefaultValues<In>;
  patchOf: (input: In) => Schema<"TenantPatch">;
  onChanged: (next: Loaded, before: Loaded) => void;
}

/** Somebody else was faster. */
export interface Conflict {
  before: Loaded["tenant"];
  yours: Schema<"TenantPatch">;
  now: Loaded["tenant"];
}

export interface TenantForm<In extends FieldValues> {
  form: ApiForm<In, Loaded>;
  conflict: Conflict | undefined;
}

export function useTenantForm<In extends FieldValues>(options: Options<In>): TenantForm<In> {
  const { opened, patchOf } = options;
  const { id } = opened.tenant;
  const queries = useQueryClient();
  const patch = usePatchTenant(id);
  const [base, setBase] = useState(opened);
  const [conflict, setConflict] = useState<Conflict>();
  const form = useApiForm<In, Loaded>({
    schema: options.schema,
    defaults: options.defaults,
    codes: { UNKNOWN_PLAN: "plan" as never },
    send: async (input) => {
      const yours = patchOf(input);
      try {
        return await patch(yours, base.etag);
      } catch (thrown) {
        if (asProblem(thrown).code === "PRECONDITION_FAILED") {
          const now = await queries.fetchQuery({ ...tenantQuery(id), staleTime: 0 });
          setConflict({ before: base.tenant, yours, now: now.tenant });
          setBase(now);
        }
        throw thrown;
      }
    },
    onSuccess: (next) => options.onChanged(next, base),
  });
  return { form, conflict };
}
