/**
 * What features add to the shell: entries of the sidebar (`features/<slice>/nav.ts`, read at once) and commands of the
 * palette (`features/<slice>/commands.ts`, read when it is first opened). Labels stand beside them in every language, so
 * that the shell need not read the texts of every feature.
 */
import type { QueryClient } from "@tanstack/react-query";
import type { AnyRouter, LinkProps } from "@tanstack/react-router";
import type { Language } from "@/i18n";
import type { IconName } from "@/ui";
import type { Need } from "./session";

export type Label = Record<Language, string>;

/** The groups of the sidebar, in this order. */
export type NavGroup = "work" | "catalogue" | "stock" | "settings" | "platform";

export interface NavItem {
  area: "workspace" | "operator";
  group: NavGroup;
  /** Place within its group. */
  order: number;
  label: Label;
  icon: IconName;
  to: LinkProps["to"];
  /** Shown only to who holds it. */
  permission?: string;
  /** Also marked for pages below it. */
  isExact?: boolean;
}

export interface CommandContext {
  go: (link: LinkProps) => void;
  /** For commands that change something: what is shown is read again. */
  queries: QueryClient;
}

export function contextOf(router: AnyRouter): CommandContext {
  return { go: (link) => void router.navigate(link as never), queries: router.options.context.queries };
}

export interface Command {
  id: string;
  area: "workspace" | "operator" | "any";
  label: Label;
  /** Further words it is found by. */
  words?: Label;
  icon: IconName;
  /** What the page or the act behind it asks for. */
  permission?: Need;
  /** Keys pressed one after the other, shown in the sheet of shortcuts: `["g", "p"]`. */
  keys?: string[];
  run: (context: CommandContext) => void;
}

/** Searches of the palette, beside its commands: `features/<slice>/commands.ts` may export `search`. */
export interface PaletteSearch {
  id: string;
  area: "workspace" | "operator";
  label: Label;
  permission?: string;
  find: (
    text: string,
    signal: AbortSignal,
  ) => Promise<{ id: string; label: string; detail?: string; icon: IconName; link: LinkProps }[]>;
}

const navs = import.meta.glob<{ nav: NavItem[] }>("../features/*/nav.ts", { eager: true });
const commandFiles = import.meta.glob<{ commands?: Command[]; search?: PaletteSearch[] }>("../features/*/commands.ts");

export const navItems: NavItem[] = Object.values(navs)
  .flatMap((file) => file.nav)
  .sort((a, b) => a.order - b.order);

let read: Promise<{ commands: Command[]; searches: PaletteSearch[] }> | undefined;

export function readCommands() {
  read ??= Promise.all(Object.values(commandFiles).map((file) => file())).then((files) => ({
    commands: files.flatMap((file) => file.commands ?? []),
    searches: files.flatMap((file) => file.search ?? []),
  }));
  // What could not be read is asked for again the next time.
  read.catch(() => {
    read = undefined;
  });
  return read;
}

/** Whether it belongs to this part of the console and to this person. */
export function isAllowed(
  one: { area: "workspace" | "operator" | "any"; permission?: Need },
  area: "workspace" | "operator",
  can: (permission: string) => boolean,
): boolean {
  return (
    (one.area === area || one.area === "any") && [one.permission ?? []].flat().every((permission) => can(permission))
  );
}
