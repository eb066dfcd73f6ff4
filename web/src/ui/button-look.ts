/** The classes of everything that looks like a button, whatever element it is. */
export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger" | "danger-soft";

export interface ButtonLook {
  variant?: ButtonVariant;
  size?: "sm" | "md" | "lg";
  fullWidth?: boolean;
  isIconOnly?: boolean;
}

export function buttonLook(
  { variant = "secondary", size = "md", fullWidth, isIconOnly }: ButtonLook,
  more = "",
): string {
  return [
    `button button--${variant} button--${size}`,
    fullWidth ? "button--full-width" : "",
    isIconOnly ? "button--icon-only" : "",
    more,
  ]
    .filter(Boolean)
    .join(" ");
}
