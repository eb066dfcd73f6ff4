/** Buttons, and links that look like buttons. */
import { Button as HeroButton } from "@heroui/react/button";
import { Spinner } from "@heroui/react/spinner";
import { buttonVariants } from "@heroui/styles";
import { createLink, type LinkComponent } from "@tanstack/react-router";
import { type AnchorHTMLAttributes, type ComponentProps, forwardRef, type ReactNode } from "react";
import { Icon, type IconName } from "./icons";
import { Tooltip } from "./Tooltip";

type HeroProps = ComponentProps<typeof HeroButton>;
export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger" | "danger-soft";

export interface ButtonProps extends Omit<HeroProps, "children" | "variant" | "isIconOnly"> {
  children: ReactNode;
  variant?: ButtonVariant;
  icon?: IconName;
  /** Under way: it can't be pressed again, and says so. */
  isPending?: boolean;
}

export function Button({ children, variant = "secondary", icon, isPending = false, ...props }: ButtonProps) {
  return (
    <HeroButton variant={variant} isPending={isPending} {...props}>
      {isPending ? <Spinner size="sm" color="current" /> : icon && <Icon name={icon} />}
      {children}
    </HeroButton>
  );
}

/** Only an icon; `label` is what it does, shown as a tooltip and read aloud. */
export function IconButton({
  icon,
  label,
  variant = "ghost",
  size = "sm",
  ...props
}: Omit<HeroProps, "children" | "variant"> & { icon: IconName; label: string; variant?: ButtonVariant }) {
  return (
    <Tooltip text={label}>
      <HeroButton isIconOnly variant={variant} size={size} aria-label={label} {...props}>
        <Icon name={icon} />
      </HeroButton>
    </Tooltip>
  );
}

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  variant?: ButtonVariant;
  size?: "sm" | "md" | "lg";
  icon?: IconName;
  fullWidth?: boolean;
}

const Anchor = forwardRef<HTMLAnchorElement, AnchorProps>(function Anchor(
  { variant = "secondary", size = "md", icon, fullWidth, className, children, ...props },
  ref,
) {
  return (
    <a ref={ref} {...props} className={`${buttonVariants({ variant, size, fullWidth })} ${className ?? ""}`}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
});

const CreatedLink = createLink(Anchor);

/** A link of the router in a button's clothes. */
export const ButtonLink: LinkComponent<typeof Anchor> = (props) => <CreatedLink {...props} />;

/** The same for an address outside the router: another host, a download. */
export const ButtonAnchor = Anchor;
