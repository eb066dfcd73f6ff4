/** An organization's name in host names, made from its name: letters of other alphabets are left out, accents go. */
export function slugOf(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll("ß", "ss")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return plain.length >= 3 ? plain : "";
}

/** Another one, where it is taken: `acme` → `acme-2` → `acme-3`. */
export function nextSlug(slug: string): string {
  const match = /^(.*)-(\d+)$/.exec(slug);
  const [base, number] = match ? [match[1], Number(match[2]) + 1] : [slug, 2];
  return `${base?.slice(0, 40 - String(number).length - 1)}-${number}`;
}
