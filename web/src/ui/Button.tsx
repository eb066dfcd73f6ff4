/**
 * Buttons, and links that look like buttons. Native elements: the first pages must weigh little. What opens a menu, a
 * popover or a tooltip needs React Aria's: `IconButton`, or `Menu` with a `text`.
 */
import { createLink, type LinkComponent } from "@tanstack/react-router";
import {
  type AnchorHTMLAttributes,
  type ButtonHTMLAttributes,
  forwardRef,
  type MouseEvent,
  type ReactNode,
} from "react";
import { type ButtonLook, buttonLook } from "./button-look";
import { Icon, type IconName } from "./icons";

export type { ButtonVariant } from "./button-look";

export interface ButtonProps
  extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "onClick" | "disabled" | "slot">,
    Omit<ButtonLook, "isIconOnly"> {
  children: ReactNode;
  onPress?: (event: MouseEvent<HTMLButtonElement>) => void;
  icon?: IconName;
  isDisabled?: boolean;
  /** Under way: it can't be pressed again, keeps the focus, and says so. */
  isPending?: boolean;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  {
    children,
    onPress,
    variant,
    size,
    fullWidth,
    icon,
    isDisabled,
    isPending = false,
    className,
    type = "button",
    ...props
  },
  ref,
) {
  return (
    <button
      ref={ref}
      type={type}
      disabled={isDisabled}
      aria-disabled={isPending || undefined}
      aria-busy={isPending || undefined}
      data-pending={isPending || undefined}
      onClick={(event) => {
        if (isPending) event.preventDefault();
        else onPress?.(event);
      }}
      className={buttonLook({ variant, size, fullWidth }, className)}
      {...props}
    >
      {isPending ? <Icon name="loader" className="animate-spin" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
});

interface AnchorProps extends AnchorHTMLAttributes<HTMLAnchorElement>, Omit<ButtonLook, "isIconOnly"> {
  icon?: IconName;
}

/** A link in a button's clothes, for an address outside the router: another host, a download. */
export const ButtonAnchor = forwardRef<HTMLAnchorElement, AnchorProps>(function ButtonAnchor(
  { variant, size, icon, fullWidth, className, children, ...props },
  ref,
) {
  return (
    <a ref={ref} {...props} className={buttonLook({ variant, size, fullWidth }, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </a>
  );
});

const CreatedLink = createLink(ButtonAnchor);

/** The same for a place of the router. */
export const ButtonLink: LinkComponent<typeof ButtonAnchor> = (props) => <CreatedLink {...props} />;
