/** What the palette offers for what is typed: pages looked at last, things found, commands, pages, preferences. */
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { changeLanguage, LANGUAGES, language } from "@/i18n";
import type { IconName } from "@/ui";
import { contextOf, isAllowed, navItems, readCommands } from "../registry";
import { changeTheme } from "../theme";
import { fits, ranked } from "./matching";
import { visits } from "./recent";

export interface Entry {
  id: string;
  label: string;
  detail?: string;
  words?: string;
  icon: IconName;
  keys?: string[];
  /** Found by a search: while the next one is under way, it may be of what was typed before. */
  isFound?: boolean;
  run: () => void;
}

export interface EntrySection {
  id: string;
  title: string;
  entries: Entry[];
}

interface Options {
  area: "workspace" | "operator";
  can: (permission: string) => boolean;
  openSheet: () => void;
  /** What is typed. */
  asked: string;
}

export const registryQuery = {
  queryKey: ["palette"],
  queryFn: readCommands,
  staleTime: Number.POSITIVE_INFINITY,
};

export function useEntries({ area, can, openSheet, asked }: Options) {
  const { t } = useTranslation("app");
  const router = useRouter();
  const lang = language();
  const { data: registry, isError, isFetching, refetch } = useQuery(registryQuery);
  const context = contextOf(router);
  const found = useFound(registry?.searches.filter((one) => isAllowed(one, area, can)) ?? [], asked);

  const items = navItems.filter((item) => isAllowed(item, area, can));
  const pages = items.map(
    (item): Entry => ({
      id: `page:${item.to}`,
      label: item.label[lang],
      icon: item.icon,
      run: () => context.go({ to: item.to }),
    }),
  );
  const commands = (registry?.commands ?? [])
    .filter((one) => isAllowed(one, area, can))
    .map(
      (command): Entry => ({
        id: `command:${command.id}`,
        label: command.label[lang],
        words: command.words?.[lang],
        icon: command.icon,
        keys: command.keys,
        run: () => command.run(context),
      }),
    );
  // Below an entry of the sidebar that is theirs; the page itself is among the pages.
  const recent = visits().flatMap(({ path, title }): Entry[] => {
    const item = items.find(({ to }) => to !== "/" && path.startsWith(`${to}/`));
    if (!item || path === location.pathname) return [];
    return [
      {
        id: `recent:${path}`,
        label: title,
        detail: item.label[lang],
        icon: item.icon,
        run: () => void router.navigate({ href: path }),
      },
    ];
  });
  const preferences: Entry[] = [
    { id: "shortcuts", label: t("shortcuts.title"), icon: "keyboard", keys: ["?"], run: openSheet },
    ...(["system", "light", "dark"] as const).map((theme) => ({
      id: `theme:${theme}`,
      label: `${t("account.theme")}: ${t(`account.theme_${theme}`)}`,
      icon: "palette" as const,
      run: () => changeTheme(theme),
    })),
    ...LANGUAGES.map(({ code, name }) => ({
      id: `language:${code}`,
      label: `${t("account.language")}: ${name}`,
      icon: "languages" as const,
      run: () => void changeLanguage(code),
    })),
  ];

  const matching = (entries: Entry[]) =>
    ranked(
      entries.filter((entry) => fits(`${entry.label} ${entry.words ?? ""}`, asked)),
      asked,
    );
  const sections: EntrySection[] = [
    { id: "recent", title: t("palette.recent"), entries: matching(recent) },
    ...found.groups.map(({ search, hits }) => ({
      id: search.id,
      title: search.label[lang],
      entries: hits.map(
        (hit): Entry => ({
          ...hit,
          id: `${search.id}:${hit.id}`,
          isFound: true,
          run: () => context.go(hit.link),
        }),
      ),
    })),
    { id: "commands", title: t("palette.commands"), entries: matching(commands) },
    { id: "pages", title: t("palette.pages"), entries: matching(pages) },
    { id: "preferences", title: t("palette.preferences"), entries: asked ? matching(preferences) : [] },
  ];
  return {
    sections: sections.filter((section) => section.entries.length > 0),
    isSearching: found.isSearching || isFetching,
    /** What gave no answer, by name. */
    failed: [...(isError ? [t("palette.commands")] : []), ...found.failed.map((search) => search.label[lang])],
    /** Asks again for what gave none. */
    retry: () => void (isError ? refetch() : found.retry()),
  };
}

type Search = Awaited<ReturnType<typeof readCommands>>["searches"][number];

/** Every search by itself: one that fails takes no other away. */
function useFound(searches: Search[], asked: string) {
  const enabled = asked.length >= 2 && searches.length > 0;
  const { data, isFetching, refetch } = useQuery({
    queryKey: ["palette", "search", searches.map(({ id }) => id), asked],
    enabled,
    queryFn: async ({ signal }) => {
      const all = await Promise.allSettled(searches.map((search) => search.find(asked, signal)));
      return searches.map((search, index) => ({ search, answer: all[index] }));
    },
    placeholderData: (before) => before,
  });
  const answers = enabled ? (data ?? []) : [];
  return {
    isSearching: enabled && isFetching,
    retry: refetch,
    groups: answers.flatMap(({ search, answer }) =>
      answer?.status === "fulfilled" ? [{ search, hits: answer.value }] : [],
    ),
    failed: answers.flatMap(({ search, answer }) => (answer?.status === "rejected" ? [search] : [])),
  };
}
