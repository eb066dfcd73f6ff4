/** A word about a control, on hover and focus. The control must be focusable, and named without it. */
import { Tooltip as Hero } from "@heroui/react/tooltip";
import type { ReactNode } from "react";

export function Tooltip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <Hero>
      {children}
      <Hero.Content>{text}</Hero.Content>
    </Hero>
  );
}
