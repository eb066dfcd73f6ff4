/** The tags of a thing, by name. What is not there yet is made with the thing. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Combobox, type FieldProps, Tag, useField, useFocusAfterRemoval } from "@/ui";
import { findTags } from "./find";

const MOST = 50;

export function TagsField({ name, label, description, isDisabled }: FieldProps) {
  const { t } = useTranslation("tags");
  const field = useField<string[]>(name);
  const chosen = field.value ?? [];
  // A new field after each choice, so that it is empty again.
  const [round, setRound] = useState(0);
  const root = useFocusAfterRemoval<HTMLDivElement>(chosen, (element) => element.querySelector("input"));
  const add = (tag: string) => {
    const known = chosen.some((one) => one.toLowerCase() === tag.toLowerCase());
    if (!known) field.onChange([...chosen, tag]);
    setRound((before) => before + 1);
  };
  return (
    <div ref={root} className="grid gap-2">
      <Combobox
        key={round}
        autoFocus={round > 0}
        label={label}
        description={description}
        isRequired={false}
        isDisabled={isDisabled || chosen.length >= MOST}
        placeholder={t("add")}
        value={undefined}
        onChange={(option) => option && add(option.id)}
        onBlur={field.onBlur}
        fault={field.fault}
        queryKey={["/api/v1/tags"]}
        load={async (text, signal) => {
          const name = text.trim().slice(0, 60);
          const found = (await findTags(name, signal)).filter((option) => !chosen.includes(option.id));
          const isNew = name !== "" && !found.some((option) => option.id.toLowerCase() === name.toLowerCase());
          return isNew ? [...found, { id: name, label: name, detail: t("is_new") }] : found;
        }}
      />
      {chosen.length > 0 && (
        <ul className="flex flex-wrap gap-1.5">
          {chosen.map((tag) => (
            <li key={tag} data-row={tag} className="max-w-full">
              <Tag
                removeLabel={t("remove", { tag })}
                onRemove={() => field.onChange(chosen.filter((one) => one !== tag))}
              >
                {tag}
              </Tag>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
