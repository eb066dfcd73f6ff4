/** What a button at the end of a grid's toolbar opens: a list of columns, and what goes with it. */
import { Label } from "@heroui/react/label";
import { ListBox } from "@heroui/react/list-box";
import type { ReactNode } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Dialog, DialogTrigger } from "react-aria-components/Dialog";
import { Popover } from "react-aria-components/Popover";
import { Icon, type IconName } from "../icons";

export function GridMenu({ label, icon, children }: { label: string; icon: IconName; children: ReactNode }) {
  return (
    <DialogTrigger>
      <AriaButton aria-label={label} className="button button--secondary button--sm button--icon-only h-9 w-9">
        <Icon name={icon} />
      </AriaButton>
      <Popover
        placement="bottom end"
        className="max-h-96 min-w-56 scrollbar overflow-auto rounded-xl bg-overlay p-1.5 shadow-overlay"
      >
        <Dialog aria-label={label} className="grid gap-1.5 outline-none">
          {children}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export function columnItem({ id, header }: { id: string; header: string }) {
  return (
    <ListBox.Item key={id} id={id} textValue={header}>
      <Label className="flex-1 font-normal">{header}</Label>
      <ListBox.ItemIndicator />
    </ListBox.Item>
  );
}
