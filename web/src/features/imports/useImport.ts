/** The way of a file into the organization: chosen, its columns named, tried, imported. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useWrite } from "@/api";
import { toast } from "@/ui";
import type { ImportKind } from "./kinds";
import { type Columns, guessed, guessedDateFormat, type ImportOptions, kept } from "./mapping";
import { type Reading, readSource, type Source } from "./source";
import { type Accepted, type Upload, upload } from "./upload";

export const STEPS = ["file", "columns", "check", "import"] as const;
export type Step = (typeof STEPS)[number];

export function useImport(kind: ImportKind) {
  const navigate = useNavigate();
  const { job: jobId } = useSearch({ from: "/workspace/imports/$kind" });
  const [source, setSource] = useState<Source>();
  const [options, setOptions] = useState<ImportOptions>({ columns: {}, defaults: {}, delimiter: "," });
  const [checkId, setCheckId] = useState<string>();
  const [isKnown, setKnown] = useState(false);
  const [skipInvalid, setSkipInvalid] = useState(false);

  const change = (more: Partial<ImportOptions>) => setOptions((before) => ({ ...before, ...more }));
  const take = (next: Source, columns = guessed(kind, next.header)) => {
    setSource(next);
    change({ columns, delimiter: next.delimiter, dateFormat: dateFormatOf(next, columns) });
  };
  const choose = async (file: File | undefined) => {
    setCheckId(undefined);
    setSkipInvalid(false);
    if (!file) return setSource(undefined);
    await readSource(file).then((next) => take(next), toast.problem);
  };
  const readAs = (said: Partial<Reading>) => {
    if (!source) return;
    void readSource(source.file, { ...source, ...said }).then(
      (next) => take(next, kept(kind, options.columns, source.header, next.header)),
      toast.problem,
    );
  };
  const setColumns = (columns: Columns) =>
    change({ columns, dateFormat: options.dateFormat ?? (source && dateFormatOf(source, columns)) });

  const sent = useWrite<Upload, Accepted>({
    send: (input, context) => upload(kind, input, context),
    invalidates: [["/api/v1/jobs"]],
    onSuccess: (accepted, { isDryRun }) => {
      if (isDryRun) return setCheckId(accepted.jobId);
      setKnown(accepted.isKnown);
      void navigate({ to: ".", search: { job: accepted.jobId } });
    },
  });
  const send = (how: Pick<Upload, "isDryRun" | "again">) => {
    if (source && !sent.isPending)
      sent.mutate({ source, options, skipInvalid: how.isDryRun ? false : skipInvalid, ...how });
  };
  const step: Step = jobId ? "import" : checkId ? "check" : source ? "columns" : "file";
  return {
    step,
    source,
    options,
    checkId,
    jobId,
    isKnown,
    skipInvalid,
    setSkipInvalid,
    choose,
    readAs,
    change,
    setColumns,
    isSending: sent.isPending,
    problem: sent.error,
    check: () => send({ isDryRun: true, again: false }),
    start: (again = false) => send({ isDryRun: false, again }),
    backToColumns: () => {
      setCheckId(undefined);
      sent.reset();
    },
    anew: () => {
      void choose(undefined);
      sent.reset();
      void navigate({ to: ".", search: {} });
    },
  };
}

export type Import = ReturnType<typeof useImport>;

function dateFormatOf({ header, examples }: Source, { occurred_at }: Columns): string | undefined {
  return occurred_at === undefined ? undefined : guessedDateFormat(examples[header.indexOf(occurred_at)] ?? []);
}
