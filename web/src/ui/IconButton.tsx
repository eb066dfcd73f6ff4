/** Only an icon; `label` is what it does, shown as a tooltip and read aloud. May open a menu or a popover. */
import type { ComponentProps } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { type ButtonLook, buttonLook } from "./button-look";
import { Icon, type IconName } from "./icons";
import { Tooltip } from "./Tooltip";

type Props = Omit<ComponentProps<typeof AriaButton>, "children" | "className"> &
  Pick<ButtonLook, "variant" | "size"> & { icon: IconName; label: string; className?: string };

export function IconButton({ icon, label, variant = "ghost", size = "sm", className, ...props }: Props) {
  return (
    <Tooltip text={label}>
      <AriaButton aria-label={label} className={buttonLook({ variant, size, isIconOnly: true }, className)} {...props}>
        <Icon name={icon} />
      </AriaButton>
    </Tooltip>
  );
}
