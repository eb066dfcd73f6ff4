/**
 * For `validateSearch` of a route: texts in its URL by name. A hand-made URL must not break a page: whatever else is in it is
 * dropped, and a value of another form is as if it were absent.
 */
export function searchTexts<const N extends string>(names: readonly N[]) {
  return (search: Record<string, unknown>): { [K in N]?: string } => {
    const texts: { [K in N]?: string } = {};
    for (const name of names) {
      const value = search[name];
      // The router reads `true` and `12` for what they look like.
      if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
        texts[name] = String(value);
    }
    return texts;
  };
}
