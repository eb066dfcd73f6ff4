/**
 * Choosing one thing by typing, out of more than fit a list: the server searches. What was chosen keeps its label also
 * when it is not among the first matches.
 */
import { ComboBox } from "@heroui/react/combo-box";
import { Description } from "@heroui/react/description";
import { Input } from "@heroui/react/input";
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, type Ref, useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { FieldLabel, Hints } from "./aria-parts";
import { type FieldProps, useField } from "./fields";

export interface Option {
  id: string;
  label: string;
  /** Beside the label: SKU, code, e-mail address. */
  detail?: string;
}

export interface ComboboxProps {
  label: string;
  value: Option | undefined;
  onChange: (value: Option | undefined) => void;
  /** What is kept in the cache under; the text is added. */
  queryKey: readonly unknown[];
  /** Searches: the best matches, at most about 20. */
  load: (text: string, signal: AbortSignal) => Promise<Option[]>;
  onBlur?: () => void;
  description?: ReactNode;
  fault?: string;
  placeholder?: string;
  isRequired?: boolean;
  isDisabled?: boolean;
  autoFocus?: boolean;
  isLabelHidden?: boolean;
  /** The control itself: a fault brings the focus to it. */
  inputRef?: Ref<HTMLInputElement>;
}

export function Combobox(props: ComboboxProps) {
  const { t } = useTranslation("ui");
  const [typed, setTyped] = useState<string | undefined>(undefined);
  const [open, setOpen] = useState(false);
  // As long as nobody types, everything is offered, and the field shows what was chosen.
  const text = useDeferredValue(typed ?? "");
  const found = useQuery({
    queryKey: [...props.queryKey, "options", text],
    queryFn: ({ signal }) => props.load(text, signal),
    enabled: open,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const options = found.data ?? [];
  return (
    <ComboBox
      items={options}
      inputValue={typed ?? props.value?.label ?? ""}
      onInputChange={(next) => setTyped(next === (props.value?.label ?? "") ? undefined : next)}
      value={props.value?.id ?? null}
      onChange={(key) => {
        const chosen = options.find((option) => option.id === key);
        if (chosen) props.onChange(chosen);
        else if (key === null && typed === "") props.onChange(undefined);
        setTyped(undefined);
      }}
      onOpenChange={setOpen}
      onBlur={() => {
        if (typed === "") props.onChange(undefined);
        setTyped(undefined);
        props.onBlur?.();
      }}
      menuTrigger="focus"
      allowsEmptyCollection
      isInvalid={Boolean(props.fault)}
      isRequired={props.isRequired}
      isDisabled={props.isDisabled}
      autoFocus={props.autoFocus}
      validationBehavior="aria"
      aria-label={props.isLabelHidden ? props.label : undefined}
      className="w-full"
    >
      {!props.isLabelHidden && <FieldLabel label={props.label} isRequired={props.isRequired} />}
      <ComboBox.InputGroup>
        <Input ref={props.inputRef} placeholder={props.placeholder ?? t("form.search")} className="person-text" />
        <ComboBox.Trigger />
      </ComboBox.InputGroup>
      <Hints description={props.description} fault={props.fault} />
      <ComboBox.Popover>
        <ListBox<Option>
          renderEmptyState={() => (
            <p className="px-3 py-2 text-muted">
              {found.isError ? t("form.search_failed") : found.isFetching ? t("form.searching") : t("empty.no_match")}
            </p>
          )}
        >
          {(option: Option) => (
            <ListBox.Item id={option.id} textValue={option.label}>
              <span className="min-w-0 flex-1">
                <Label dir="auto" className="person-text block truncate font-normal">
                  {option.label}
                </Label>
                {option.detail && <Description className="code-text">{option.detail}</Description>}
              </span>
              <ListBox.ItemIndicator />
            </ListBox.Item>
          )}
        </ListBox>
      </ComboBox.Popover>
    </ComboBox>
  );
}

/** The same as a field of a form; the value is the id, `initial` tells its label where the form begins with one. */
export function ComboboxInput({
  name,
  initial,
  ...props
}: Omit<ComboboxProps, "value" | "onChange" | "fault" | "onBlur" | "inputRef"> & FieldProps & { initial?: Option }) {
  const field = useField(name);
  // A form that is reset may go back to any of those that it had.
  const [known, setKnown] = useState<readonly Option[]>([]);
  const label = [...known, ...(initial ? [initial] : [])].find(({ id }) => id === field.value);
  return (
    <Combobox
      {...props}
      value={field.value ? label : undefined}
      onChange={(option) => {
        if (option) setKnown((before) => [option, ...before.filter(({ id }) => id !== option.id)]);
        field.onChange(option?.id);
      }}
      onBlur={field.onBlur}
      fault={field.fault}
      inputRef={field.ref}
    />
  );
}
