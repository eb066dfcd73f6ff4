/** The steps, and the screens on which they are done. A step nobody listed is shown by its key: the contract may grow. */
import type { LinkProps } from "@tanstack/react-router";
import type { Schema } from "@/api";
import type { Need } from "@/app/access";
import type { IconName } from "@/ui";
import { PERMISSIONS } from "../inventory/permissions";
import { INVITE } from "../users/permissions";

export type Step = Schema<"OnboardingStep">;
export type StepKey = Step["key"];

interface Place {
  link: LinkProps;
  permission: Need;
}

interface Way extends Place {
  icon: IconName;
  /** Another way to the same end. */
  other?: Place;
}

export const WAYS: Record<StepKey, Way> = {
  organization_set_up: {
    icon: "building-2",
    link: { to: "/organization" },
    permission: ["settings.read", "settings.write"],
  },
  products_added: {
    icon: "package",
    link: { to: "/products/new" },
    permission: "products.write",
    other: { link: { to: "/imports/$kind", params: { kind: "products" } }, permission: "products.import" },
  },
  team_invited: { icon: "user-plus", link: { to: "/users" }, permission: INVITE },
  stock_moved: { icon: "package-plus", link: { to: "/inventory/receive" }, permission: PERMISSIONS.receive },
};

/** The first step that is still to be done; the one to point at. */
export function nextStep(steps: readonly Step[]): StepKey | undefined {
  return steps.find((step) => !step.done)?.key;
}

export function doneOf(steps: readonly Step[]): number {
  return steps.filter((step) => step.done).length;
}
