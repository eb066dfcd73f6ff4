/** Where the texts of all features lie. */
export const files = import.meta.glob<{ default: Record<string, unknown> }>("../features/*/locales/*.json");
