/** Takes a file: dropped, or chosen by button. What it may be is said before, and checked. */
import { useState } from "react";
import type { FileDropItem } from "react-aria/useDrop";
import { Button } from "react-aria-components/Button";
import { DropZone } from "react-aria-components/DropZone";
import { FileTrigger } from "react-aria-components/FileTrigger";
import { useTranslation } from "react-i18next";
import { useFormats } from "@/i18n";
import { IconButton } from "../IconButton";
import { Icon } from "../icons";
import { useFocusAfterRemoval } from "../useFocusAfterRemoval";

interface Props {
  label: string;
  /** What is taken, for people: "CSV, up to 50 MB". */
  hint: string;
  /** Ends of names: `[".csv"]`. */
  accept: string[];
  maxBytes: number;
  file: File | undefined;
  onChange: (file: File | undefined) => void;
  isDisabled?: boolean;
}

export function FileDrop({ label, hint, accept, maxBytes, file, onChange, isDisabled }: Props) {
  const { t } = useTranslation("ui");
  const formats = useFormats();
  const [fault, setFault] = useState<string>();
  const root = useFocusAfterRemoval<HTMLDivElement>(file ? ["file"] : [], (element) => element.querySelector("button"));

  const take = (candidate: File | undefined) => {
    if (!candidate) return;
    const name = candidate.name.toLowerCase();
    if (!accept.some((end) => name.endsWith(end))) return setFault(t("file.wrong_kind", { kinds: accept.join(", ") }));
    if (candidate.size > maxBytes) return setFault(t("file.too_large", { size: formats.bytes(maxBytes) }));
    if (candidate.size === 0) return setFault(t("file.empty"));
    setFault(undefined);
    onChange(candidate);
  };

  if (file)
    return (
      <div ref={root}>
        <div
          data-row="file"
          className="flex items-center gap-3 rounded-xl border border-border bg-surface-secondary p-3"
        >
          <Icon name="file-spreadsheet" className="size-6 text-accent" />
          <div className="min-w-0 flex-1">
            <p dir="auto" className="person-text truncate font-medium">
              {file.name}
            </p>
            <p className="text-xs text-muted">{formats.bytes(file.size)}</p>
          </div>
          <IconButton icon="x" label={t("file.remove")} isDisabled={isDisabled} onPress={() => onChange(undefined)} />
        </div>
      </div>
    );
  return (
    <div ref={root}>
      <DropZone
        isDisabled={isDisabled}
        onDrop={(event) => {
          const dropped = event.items.find((item): item is FileDropItem => item.kind === "file");
          dropped?.getFile().then(take);
        }}
        className="rounded-xl border-2 border-dashed border-field-border bg-surface p-6 text-center transition-colors data-drop-target:border-accent data-drop-target:bg-accent-soft data-focus-visible:ring-2 data-focus-visible:ring-focus"
      >
        <Icon name="upload" className="size-7 text-muted" />
        <p className="mt-2 font-medium">{label}</p>
        <p className="text-muted">{hint}</p>
        <FileTrigger acceptedFileTypes={accept} onSelect={(files) => take(files?.[0])}>
          <Button className="button button--secondary mt-4">{t("file.choose")}</Button>
        </FileTrigger>
      </DropZone>
      {fault && (
        <p role="alert" className="mt-1.5 text-danger">
          {fault}
        </p>
      )}
    </div>
  );
}
