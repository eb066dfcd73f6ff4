/** The figure of a level, corrected where it stands; within `<Correcting>`. */
import { useState } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { useTranslation } from "react-i18next";
import { useCan } from "@/app/access";
import { Optional } from "@/app/Optional";
import { useFormats } from "@/i18n";
import { Icon } from "@/ui";
import { CorrectForm, useCorrect } from "./Correcting";
import { type Level, useCorrection } from "./levels";

export function OnHand({ level }: { level: Level }) {
  const { t } = useTranslation("inventory");
  const formats = useFormats();
  const can = useCan();
  const correct = useCorrect();
  const after = useCorrection(level.id);
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);

  if (after !== undefined)
    return (
      <span role="status" className="inline-flex items-center gap-1.5 text-muted italic">
        <Icon name="loader" className="size-3.5 animate-spin" />
        <span className="sr-only">{t("on_its_way")}</span>
        <span className="tabular">{formats.quantity(after, level.unit)}</span>
      </span>
    );
  const figure = formats.quantity(level.on_hand, level.unit);
  if (!can("inventory.adjust")) return <span className="tabular">{figure}</span>;
  return (
    <DialogTrigger isOpen={isOpen} onOpenChange={setOpen}>
      <AriaButton
        aria-label={t("correct", { figure, sku: level.sku, location: level.location_name })}
        className="group/figure -me-1.5 inline-flex h-7 items-center gap-1.5 rounded-md px-1.5 tabular hover:bg-surface-tertiary data-focus-visible:ring-2 data-focus-visible:ring-focus"
      >
        <Icon
          name="pencil"
          className="size-3 text-muted opacity-0 group-hover/figure:opacity-100 group-data-focus-visible/figure:opacity-100 [@media(hover:none)]:opacity-100"
        />
        {figure}
      </AriaButton>
      <Popover placement="bottom end" className="w-80 max-w-[calc(100vw-1rem)] rounded-xl bg-overlay shadow-overlay">
        <Dialog aria-label={t("correct_title", { sku: level.sku })} className="p-4 outline-none">
          <Optional onFault={close}>
            <CorrectForm
              level={level}
              onSend={(correction) => {
                close();
                correct(correction);
              }}
            />
          </Optional>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
